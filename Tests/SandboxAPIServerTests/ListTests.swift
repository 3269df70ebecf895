import KubernetesModel
import Sandbox
import Testing

@Suite struct `a list` {
    private func plant(_ count: Int, _ access: any ClusterAccess, prefix: String = "m") async throws {
        for index in 0..<count {
            _ = try await access.create(
                .configMaps,
                KubernetesObject(.configMaps, namespace: "default", name: "\(prefix)\(100 + index)")
            )
        }
    }

    @Test func `comes in chunks of one revision, whatever is written meanwhile`() async throws {
        try await withServer { server, port in
            try await plant(5, server.access)
            var names: [String] = []
            var token = ""
            var revisions: Set<String> = []
            repeat {
                let page = try await ask(port, .get, "/api/v1/namespaces/default/configmaps?limit=2&continue=\(token)")
                    .json
                names += (page["items"]?.array ?? []).compactMap { $0["metadata", "name"]?.string }
                revisions.insert(page["metadata", "resourceVersion"]?.string ?? "")
                token = page["metadata", "continue"]?.string ?? ""
                try await server.access.add(
                    .configMaps,
                    KubernetesObject(.configMaps, namespace: "default", name: "later\(names.count)")
                )
            } while !token.isEmpty
            #expect(names == ["m100", "m101", "m102", "m103", "m104"])
            #expect(revisions.count == 1)
        }
    }

    @Test func `goes on at another server, until the store has forgotten`() async throws {
        let storage = MemoryStorage()
        let page = try await withServer(storage: storage) { server, port in
            try await plant(4, server.access)
            return try await ask(port, .get, "/api/v1/configmaps?limit=3").json
        }
        #expect(page["metadata", "remainingItemCount"] == 1)
        let token = try #require(page["metadata", "continue"]?.string)
        try await withServer(storage: storage) { server, port in
            let rest = try await ask(port, .get, "/api/v1/configmaps?limit=3&continue=\(token)").json
            #expect(rest["items"]?.array?.count == 1)
            #expect(rest["metadata", "resourceVersion"] == page["metadata", "resourceVersion"])
            let (_, revision) = try await server.access.list(.configMaps, namespace: nil)
            try await plant(6, server.access, prefix: "fresh")
            try await storage.compact(at: revision + 2)
        }
        try await withServer(storage: storage) { _, port async throws in
            let answer = try await ask(port, .get, "/api/v1/configmaps?limit=3&continue=\(token)")
            #expect(answer.code == 410)
            #expect(answer.json["reason"] == "Expired")
            #expect(try await ask(port, .get, "/api/v1/configmaps?continue=nonsense").code == 400)
        }
    }

    @Test func `of nothing is empty, not null`() async throws {
        try await withServer { _, port async throws in
            let list = try await ask(port, .get, "/apis/apps/v1/deployments").json
            #expect(list["kind"] == "DeploymentList")
            #expect(list["items"] == [])
        }
    }

    @Test(arguments: [
        ("spec.nodeName=n1", 200), ("status.phase!=Failed", 200), ("spec.foo=x", 400), ("nonsense", 400),
    ]) func `takes the field selectors of its kind`(selector: String, code: Int) async throws {
        try await withServer { _, port async throws in
            #expect(try await ask(port, .get, "/api/v1/pods?fieldSelector=\(selector)").code == code)
        }
    }

    @Test func `not yet reached is waited for, then refused`() async throws {
        try await withServer { _, port async throws in
            let answer = try await ask(port, .get, "/api/v1/pods?resourceVersion=999999")
            #expect(answer.code == 504)
            #expect(answer.json["details", "causes"]?[0]?["reason"] == "ResourceVersionTooLarge")
            #expect(answer.headers["retry-after"] == "1")
        }
    }
}

import AsyncHTTPClient
import Foundation
import KubernetesModel
import NIOCore
import NIOHTTP1
import NIOSSL
import Sandbox
import Synchronization
import Testing

/// What an API server says of itself, whom it lets in, and how it fails on purpose.
@Suite struct `an API server` {
    @Test func `answers discovery in the form that is asked for`() async throws {
        let form: @Sendable (String) -> String = { version in
            "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
        }
        try await withServer("v1.36.0") { _, port async throws in
            let new = try await ask(port, .get, "/api", accept: "\(form("v2")),\(form("v2beta1")),application/json")
            #expect(new.json["apiVersion"] == "apidiscovery.k8s.io/v2")
            #expect(new.headers["content-type"] == form("v2"))
            let middle = try await ask(port, .get, "/apis", accept: "\(form("v2beta1")),application/json")
            #expect(middle.json["apiVersion"] == "apidiscovery.k8s.io/v2beta1")
            let old = try await ask(port, .get, "/apis")
            #expect(old.json["kind"] == "APIGroupList")
            let pods = try await ask(port, .get, "/api/v1").json["resources"]?.array ?? []
            let eviction = pods.first { $0["name"] == "pods/eviction" }
            #expect(eviction?["group"] == "policy")
            #expect(eviction?["kind"] == "Eviction")
        }
    }

    @Test func `serves the groups of its version`() async throws {
        try await withServer("v1.24.17") { _, port async throws in
            #expect(try await ask(port, .get, "/version").json["gitVersion"] == "v1.24.17")
            let answer = try await ask(port, .get, "/apis/policy/v1beta1/poddisruptionbudgets")
            #expect(answer.code == 200)
            #expect(answer.headers["warning"]?.contains("unavailable in v1.25+; use policy/v1") == true)
            let metrics = try await ask(port, .get, "/metrics").text
            #expect(metrics.contains("apiserver_requested_deprecated_apis{group=\"policy\",removed_release=\"1.25\""))
        }
        try await withServer("v1.25.0") { _, port async throws in
            #expect(try await ask(port, .get, "/apis/policy/v1beta1/poddisruptionbudgets").code == 404)
        }
    }

    @Test func `tells its health, check by check`() async throws {
        try await withServer { server, port in
            #expect(try await ask(port, .get, "/livez").text == "ok")
            #expect(try await ask(port, .get, "/readyz/etcd").text == "ok")
            #expect(try await ask(port, .get, "/readyz/nosuch").code == 404)
            let verbose = try await ask(port, .get, "/readyz?verbose&exclude=etcd").text
            #expect(verbose.hasPrefix("[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\n"))
            #expect(verbose.hasSuffix("[+]shutdown ok\nreadyz check passed\n"))
        }
    }

    @Test func `refuses what it cannot read`() async throws {
        try await withServer { _, port async throws in
            let path = "/api/v1/namespaces/default/configmaps"
            #expect(try await ask(port, .post, path, "text", type: "text/plain").code == 415)
            #expect(try await ask(port, .post, path, [1, 2]).code == 400)
            #expect(try await ask(port, .get, path, accept: "application/xml").code == 406)
            #expect(try await ask(port, .get, "/api/v1/nosuch").code == 404)
            #expect(try await ask(port, .post, "/api/v1/namespaces/default/configmaps/x", [:]).code == 405)
            #expect(try await ask(port, .patch, "\(path)/x", [:], type: "application/apply-patch+cbor").code == 415)
        }
    }

    @Test func `checks fields as strictly as it is asked to`() async throws {
        try await withServer { _, port async throws in
            let body: JSONValue = ["metadata": ["name": "x"], "data": [:], "foo": 1]
            let path = "/api/v1/namespaces/default/configmaps?dryRun=All"
            func object(_ body: JSONValue) -> JSONValue {
                var body = body
                body["apiVersion"] = "v1"
                body["kind"] = "ConfigMap"
                return body
            }
            let strict = try await ask(port, .post, "\(path)&fieldValidation=Strict", object(body))
            #expect(strict.code == 400)
            let message =
                "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"foo\""
            #expect(strict.json["message"]?.string == message)
            let warned = try await ask(port, .post, "\(path)&fieldValidation=Warn", object(body))
            #expect(warned.code == 201)
            #expect(warned.headers["warning"] == "299 - \"unknown field \\\"foo\\\"\"")
            #expect(try await ask(port, .post, path, object(body)).code == 201)
            #expect(try await ask(port, .get, "/api/v1/namespaces/default/configmaps/x").code == 404)
        }
    }

    @Test func `lets faults happen before and after the effect`() async throws {
        let faults = APIFaults()
        try await withServer(faults: faults) { server, port in
            let path = "/api/v1/namespaces/default/configmaps"
            func map(_ name: String) -> JSONValue {
                ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)]]
            }
            faults.set([APIFaults.Rule(.tooManyRequests, pathPrefix: path, times: 1)])
            let refused = try await ask(port, .post, path, map("a"))
            #expect(refused.code == 429)
            #expect(refused.headers["retry-after"] == "1")
            #expect(try await ask(port, .post, path, map("a")).code == 201)
            faults.set([APIFaults.Rule(.internalError, method: "POST", isAfterEffect: true, times: 1)])
            #expect(try await ask(port, .post, path, map("b")).code == 500)
            #expect(try await ask(port, .get, "\(path)/b").code == 200)
            faults.set([APIFaults.Rule(.internalError, userAgentPrefix: "keelstep/")])
            #expect(try await ask(port, .get, "\(path)/b").code == 200)
            #expect(try await ask(port, .get, "\(path)/b", agent: "keelstep/1.0").code == 500)
        }
    }

    @Test func `asks before and after every change whether its client lives`() async throws {
        let seen = Mutex<[String]>([])
        let faults = APIFaults { request in
            seen.withLock { $0.append("before \(request.method) \(request.path)") }
            return request.body["metadata", "name"] != "never"
        } afterEffect: { request in
            seen.withLock { $0.append("after \(request.method)") }
            return true
        }
        try await withServer(faults: faults) { _, port async throws in
            let path = "/api/v1/namespaces/default/configmaps"
            func map(_ name: String) -> JSONValue {
                ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)]]
            }
            #expect(try await ask(port, .post, path, map("a")).code == 201)
            _ = try await ask(port, .post, path, map("never"))
            #expect(try await ask(port, .get, "\(path)/never").code == 404)
        }
        let expected = [
            "before POST /api/v1/namespaces/default/configmaps", "after POST",
            "before POST /api/v1/namespaces/default/configmaps",
        ]
        #expect(seen.withLock { $0 } == expected)
    }

    @Test func `believes certificates of its authority and known tokens only`() async throws {
        let pki = try SandboxPKI(.init(controlPlanes: ["cp-1"], endpoint: "https://127.0.0.1:6443"))
        let other = try SandboxPKI(.init(controlPlanes: ["cp-1"], endpoint: "https://127.0.0.1:6443"))
        let tls = APIServerTLS(
            serving: try #require(pki.identity(of: "cp-1", "pki/apiserver")),
            clientCA: pki.ca.identity
        )
        let bob = UserInfo(name: "bob", groups: ["system:authenticated"])
        try await withServer(tls: tls, tokens: ["secret": .admin, "bob": bob]) { _, port async throws in
            func code(_ identity: Identity?, token: String? = nil, _ path: String = "/api/v1/nodes") async throws -> Int
            {
                try await secureCode(port, path, authority: pki.ca.identity, identity: identity, token: token)
            }
            #expect(try await code(pki.admin) == 200)
            #expect(try await code(nil, token: "secret") == 200)
            #expect(try await code(nil, token: "wrong") == 401)
            #expect(try await code(other.admin) == 401)
            #expect(try await code(try pki.client(commonName: "old", now: .now - 800 * 86_400)) == 401)
            #expect(try await code(try pki.client(commonName: "eve")) == 403)
            #expect(try await code(nil, token: "bob") == 403)
            #expect(try await code(nil, token: "bob", "/apis") == 200)
            #expect(try await code(nil) == 403)
            #expect(try await code(nil, "/readyz") == 200)
            #expect(try await code(nil, "/version") == 200)
        }
    }

    private func secureCode(
        _ port: Int,
        _ path: String,
        authority: Identity,
        identity: Identity?,
        token: String?
    ) async throws -> Int {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority.certificate))
        tls.certificateVerification = .noHostnameVerification
        if let identity {
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(identity.certificate).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: identity.key, format: .pem))
        }
        let configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            var request = HTTPClientRequest(url: "https://127.0.0.1:\(port)\(path)")
            if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
            return Int(try await client.execute(request, timeout: .seconds(20)).status.code)
        }
    }
}

import Foundation
import KubernetesModel
import KubernetesVersions
import Nodes

/// kubeadm of the installed version. Texts and rules are those of kubeadm 1.36 where they did not differ before.
///
/// Not emulated: the `CreateJob` health check, which runs a pause Job in kube-system; `--patches`, `--config` and
/// `--skip-phases`, which end as unsupported here rather than being ignored.
extension Machine {
    func kubeadm(_ call: Invocation) async throws -> CommandResult {
        guard let version = state.programVersion("kubeadm") else { return Programs.notFound("kubeadm") }
        var transcript = Transcript()
        do {
            try await kubeadm(call, version, &transcript)
        } catch let stop as KubeadmStop {
            let prefix = version.minorVersion < MinorVersion(1, 34) ? "" : "error: "
            transcript.complain(prefix + stop.message)
            transcript.complain("To see the stack trace of this error execute with --v=5 or higher")
        }
        return transcript.result
    }

    private func kubeadm(_ call: Invocation, _ version: KubernetesVersion, _ transcript: inout Transcript) async throws
    {
        guard let (command, rest) = Self.command(call.arguments) else {
            throw KubeadmStop("unknown command \"\(call.arguments.joined(separator: " "))\" for \"kubeadm\"")
        }
        let arguments = try KubeadmArguments(rest, flags: KubeadmArguments.flags[command] ?? [:])
        for option in ["patches", "config", "skip-phases", "rootfs"] where arguments.options[option] != nil {
            throw KubeadmStop("--\(option) is not supported by the sandbox's kubeadm")
        }
        switch command {
        case "version": try printVersion(version, arguments, &transcript)
        case "upgrade plan": try await upgradePlan(version, arguments, &transcript)
        case "upgrade apply": try await upgradeApply(version, arguments, call, &transcript)
        case "upgrade node": try await upgradeNode(version, arguments, &transcript)
        case "certs check-expiration": try checkExpiration(arguments, &transcript)
        case "config images list":
            for image in ReleaseCatalogue.images(try imageVersion(version, arguments)) { transcript.print(image) }
        default:
            for image in ReleaseCatalogue.images(try imageVersion(version, arguments)) {
                if !state.images.contains(image) { try await spend(.seconds(2)) }
                state.pull([image])
                transcript.print("[config/images] Pulled \(image)")
            }
            settle()
        }
    }

    /// The longest known command at the start, flags between its words aside.
    private static func command(_ arguments: [String]) -> (String, [String])? {
        for count in [3, 2, 1] where arguments.count >= count {
            let name = arguments[..<count].joined(separator: " ")
            if KubeadmArguments.flags[name] != nil { return (name, Array(arguments[count...])) }
        }
        return nil
    }

    private func printVersion(
        _ version: KubernetesVersion,
        _ arguments: KubeadmArguments,
        _ transcript: inout Transcript
    ) throws(KubeadmStop) {
        let value: JSONValue = ["clientVersion": VersionInfo.value(version)]
        switch arguments.options["output"] {
        case "short": transcript.print(version.description)
        case "json": transcript.print(value.prettyText)
        case "yaml": transcript.output += Array(YAML.text(value).utf8)
        case nil:
            transcript.print(
                "kubeadm version: &version.Info{Major:\"\(version.major)\", Minor:\"\(version.minor)\", "
                    + "GitVersion:\"\(version)\", Platform:\"linux/amd64\"}"
            )
        case let other?: throw KubeadmStop("invalid output format: \(other)")
        }
    }

    private func imageVersion(
        _ version: KubernetesVersion,
        _ arguments: KubeadmArguments
    ) throws(KubeadmStop) -> KubernetesVersion {
        guard let text = arguments.options["kubernetes-version"] else { return version }
        let wanted = try Self.parse(text)
        guard ReleaseCatalogue.exists(wanted) else {
            throw KubeadmStop("failed to pull image \"registry.k8s.io/kube-apiserver:\(wanted)\": not found")
        }
        return wanted
    }

    static func parse(_ text: String) throws(KubeadmStop) -> KubernetesVersion {
        do { return try KubernetesVersion(parsing: text) } catch {
            throw KubeadmStop("couldn't parse Kubernetes version \"\(text)\"")
        }
    }

    // MARK: certs

    private func checkExpiration(_ arguments: KubeadmArguments, _ transcript: inout Transcript) throws(KubeadmStop) {
        let rows = KubeadmCertificates.leaves.map { row($0, isAuthority: false) }.compactMap { $0 }
        let authorities = KubeadmCertificates.authorities.map { row($0, isAuthority: true) }.compactMap { $0 }
        switch arguments.options["output"] {
        case "json":
            let value: JSONValue = [
                "kind": "CertificateExpirationInfo", "apiVersion": "output.kubeadm.k8s.io/v1alpha3",
                "certificates": .array(rows), "certificateAuthorities": .array(authorities),
            ]
            transcript.print(value.prettyText)
        case nil, "text":
            transcript.print("CERTIFICATE                EXPIRES                  EXTERNALLY MANAGED")
            for row in rows {
                let expires = row["missing"] == true ? "!MISSING!" : row["expirationDate"]?.string ?? ""
                transcript.print("\(row["name"]?.string ?? "")  \(expires)  no")
            }
        case let other?: throw KubeadmStop("invalid output format: \(other)")
        }
    }

    private func row(_ certificate: KubeadmCertificates.Row, isAuthority: Bool) -> JSONValue? {
        // super-admin.conf exists on the first control-plane node alone.
        if certificate.name == "super-admin.conf", !state.files.exists(certificate.path) { return nil }
        var row: JSONValue = ["name": .string(certificate.name), "externallyManaged": false]
        if !isAuthority { row["caName"] = .string(certificate.authority) }
        guard let text = state.files.text(certificate.path), let end = KubeadmCertificates.expiry(of: text) else {
            row["missing"] = true
            return row
        }
        row["expirationDate"] = .string(Timestamp.string(from: end))
        row["residualTime"] = .integer(Int64(end.timeIntervalSince(now()).rounded(.down)))
        return row
    }
}

import KubernetesVersions
import Nodes

/// Why kubeadm ends: what it says after `error: `.
struct KubeadmStop: Error {
    let message: String

    init(_ message: String) { self.message = message }
}

/// A command line of kubeadm: flags may stand anywhere, a value after `=` or as the next word.
struct KubeadmArguments {
    enum Kind { case flag, value }

    var words: [String] = []
    var options: [String: String] = [:]

    private static let common: [String: Kind] = [
        "v": .value, "rootfs": .value, "kubeconfig": .value, "ignore-preflight-errors": .value, "config": .value,
        "dry-run": .flag, "patches": .value, "skip-phases": .value,
    ]
    private static let letters: [Character: String] = ["v": "v", "o": "output", "y": "yes", "f": "force"]

    /// The flags of each command, beside the common ones.
    static let flags: [String: [String: Kind]] = [
        "version": ["output": .value],
        "upgrade plan": [
            "output": .value, "allow-experimental-upgrades": .flag, "allow-release-candidate-upgrades": .flag,
            "etcd-upgrade": .flag, "print-config": .flag, "allow-missing-template-keys": .flag,
        ],
        "upgrade apply": [
            "yes": .flag, "force": .flag, "etcd-upgrade": .flag, "certificate-renewal": .flag,
            "allow-experimental-upgrades": .flag, "allow-release-candidate-upgrades": .flag, "print-config": .flag,
        ],
        "upgrade node": ["etcd-upgrade": .flag, "certificate-renewal": .flag],
        "certs check-expiration": ["output": .value, "cert-dir": .value],
        "config images list": ["kubernetes-version": .value, "image-repository": .value, "output": .value],
        "config images pull": ["kubernetes-version": .value, "image-repository": .value, "cri-socket": .value],
    ]

    init(_ arguments: [String], flags: [String: Kind]) throws(KubeadmStop) {
        let known = Self.common.merging(flags) { $1 }
        var rest = arguments[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else {
                words.append(word)
                continue
            }
            let isLong = word.hasPrefix("--")
            let halves = word.drop { $0 == "-" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            var name = halves.first.map(String.init) ?? ""
            var value = halves.count == 2 ? String(halves[1]) : nil
            if !isLong, let letter = name.first {
                guard let long = Self.letters[letter] else {
                    throw KubeadmStop("unknown shorthand flag: '\(letter)' in \(word)")
                }
                if name.count > 1 { value = String(name.dropFirst()) }
                name = long
            }
            guard let kind = known[name] else {
                throw KubeadmStop(
                    isLong
                        ? "unknown flag: --\(name)"
                        : "unknown shorthand flag: '\(word.dropFirst().prefix(1))' in \(word)"
                )
            }
            if kind == .value, value == nil {
                guard let next = rest.popFirst() else { throw KubeadmStop("flag needs an argument: --\(name)") }
                value = next
            }
            options[name] = value ?? "true"
        }
    }

    /// - Throws: ``KubeadmStop`` for a value that is no truth value.
    func isSet(_ name: String, default fallback: Bool = false) throws(KubeadmStop) -> Bool {
        switch options[name] {
        case nil: return fallback
        case "true", "1", "t", "T", "TRUE", "True": return true
        case "false", "0", "f", "F", "FALSE", "False": return false
        case let text?:
            throw KubeadmStop(
                "invalid argument \"\(text)\" for \"--\(name)\" flag: strconv.ParseBool: parsing \"\(text)\": invalid syntax"
            )
        }
    }

    var ignoredChecks: Set<String> {
        Set((options["ignore-preflight-errors"] ?? "").lowercased().split(separator: ",").map(String.init))
    }
}

/// What can go wrong around a sandbox; inside it, failures are the emulated cluster's own.
package enum SandboxError: Error {
    case badSpec(String)
    case alreadyUp(name: String, pid: Int32)
    case notUp(name: String, folder: String)
    case noEtcd(String)
    case didNotStart(name: String, reason: String, log: String)
    case control(name: String, reason: String)
    case folder(path: String, reason: String)
    case manifest(file: String, reason: String)
    case fault(String)
}

extension SandboxError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badSpec(let reason): reason
        case .alreadyUp(let name, let pid):
            "sandbox '\(name)' is already up (process \(pid)); end it with `keelstep sandbox down --name \(name)`, "
                + "or choose another --name"
        case .notUp(let name, let folder):
            "no sandbox '\(name)' is up (looked in \(folder)); `keelstep sandbox list` shows those that are"
        case .noEtcd(let reason): reason
        case .didNotStart(let name, let reason, let log):
            "sandbox '\(name)' did not start: \(reason); its log is \(log)"
        case .control(let name, let reason): "sandbox '\(name)': \(reason)"
        case .folder(let path, let reason): "cannot use the sandbox folder \(path): \(reason)"
        case .manifest(let file, let reason): "cannot load \(file): \(reason)"
        case .fault(let reason): reason
        }
    }
}

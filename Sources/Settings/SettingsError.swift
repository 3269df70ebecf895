/// Why settings could not be had.
package enum SettingsError: Error, Hashable {
    case unreadable(path: String, reason: String)
    case malformed(path: String, line: Int?, reason: String)
    case unknownKey(String, path: String, line: Int?, accepted: [String])
    case wrongValue(key: String, path: String, line: Int?, found: String, accepted: String)
    case noHome
}

extension SettingsError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "cannot read the settings \(path): \(reason); give another file with --config"
        case .malformed(let path, let line, let reason):
            "\(Self.place(path, line)): not valid YAML: \(reason)"
        case .unknownKey(let key, let path, let line, let accepted):
            "\(Self.place(path, line)): unknown key '\(key)'; accepted here: \(accepted.joined(separator: ", "))"
        case .wrongValue(let key, let path, let line, let found, let accepted):
            "\(Self.place(path, line)): '\(key)' is \(found); accepted: \(accepted)"
        case .noHome:
            "neither HOME nor XDG_STATE_HOME is set, so there is no place for state; set stateDir in keelstep.yaml"
        }
    }

    private static func place(_ path: String, _ line: Int?) -> String { line.map { "\(path):\($0)" } ?? path }
}

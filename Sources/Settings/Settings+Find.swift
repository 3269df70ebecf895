import Foundation

extension Settings {
    /// The settings a command works with: the file of `--config`, else of `KEELSTEP_CONFIG`, else `keelstep.yaml` in
    /// the current folder, else `~/.config/keelstep/keelstep.yaml`, else the defaults.
    ///
    /// A file that was named must exist; the two usual places may be empty.
    package static func find(
        flag: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        currentFolder: String = FileManager.default.currentDirectoryPath
    ) throws(SettingsError) -> Settings {
        if let flag { return try load(path: flag, environment: environment) }
        if let named = environment["KEELSTEP_CONFIG"], !named.isEmpty {
            return try load(path: named, environment: environment)
        }
        var usual = [currentFolder + "/keelstep.yaml"]
        if let base = environment["XDG_CONFIG_HOME"], !base.isEmpty {
            usual.append(base + "/keelstep/keelstep.yaml")
        } else if let home = environment["HOME"], !home.isEmpty {
            usual.append(home + "/.config/keelstep/keelstep.yaml")
        }
        for path in usual where FileManager.default.fileExists(atPath: path) {
            return try load(path: path, environment: environment)
        }
        return Settings(stateDir: try defaultStateDir(environment: environment))
    }

    /// `$XDG_STATE_HOME/keelstep`, or `~/.local/state/keelstep`.
    package static func defaultStateDir(environment: [String: String]) throws(SettingsError) -> String {
        if let base = environment["XDG_STATE_HOME"], base.hasPrefix("/") { return base + "/keelstep" }
        guard let home = environment["HOME"], !home.isEmpty else { throw .noHome }
        return home + "/.local/state/keelstep"
    }
}

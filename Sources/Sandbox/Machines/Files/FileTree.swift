package import Foundation

/// A node's file system: files, folders and symbolic links with their modes, in memory.
///
/// All belongs to root, and whoever commands the node is root: modes are kept and shown, and keep nobody out.
package struct FileTree: Sendable {
    package enum Content: Sendable, Hashable {
        case file([UInt8])
        case folder
        case link(String)
    }

    package struct Entry: Sendable, Hashable {
        package var content: Content
        /// Permission bits.
        package var mode: Int
        package var modified: Date

        package var isFolder: Bool { content == .folder }
        package var bytes: [UInt8]? { if case .file(let bytes) = content { bytes } else { nil } }
    }

    private var entries: [String: Entry]
    /// Names in each folder, so that listing one does not walk the whole tree.
    private var names: [String: Set<String>]
    private static let deepestLink = 40

    package init(now: Date) {
        entries = ["/": Entry(content: .folder, mode: 0o755, modified: now)]
        names = [:]
    }

    /// `/a/./b/../c` as `/a/c`; a relative path starts at `/root`, where a login does.
    package static func absolute(_ path: String) -> String {
        var parts: [Substring] = []
        for part in (path.hasPrefix("/") ? path : "/root/" + path).split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    package static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    package static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? "/"
    }

    static func join(_ folder: String, _ name: String) -> String { folder == "/" ? "/" + name : "\(folder)/\(name)" }

    /// The path with every link on the way followed; the last part only if asked for.
    private func resolve(_ path: String, followLast: Bool = true) throws(FileError) -> String {
        var pending = Self.absolute(path).split(separator: "/").map(String.init)
        var done = "/"
        var links = 0
        while !pending.isEmpty {
            let next = Self.join(done, pending.removeFirst())
            guard case .link(let target)? = entries[next]?.content, followLast || !pending.isEmpty else {
                if !pending.isEmpty, let entry = entries[next], !entry.isFolder { throw .notAFolder }
                done = next
                continue
            }
            links += 1
            guard links <= Self.deepestLink else { throw .tooManyLinks }
            let start = target.hasPrefix("/") ? target : Self.join(done, target)
            pending = Self.absolute(start).split(separator: "/").map(String.init) + pending
            done = "/"
        }
        return done
    }

    package func entry(_ path: String, followLast: Bool = true) -> Entry? {
        guard let path = try? resolve(path, followLast: followLast) else { return nil }
        return entries[path]
    }

    package func exists(_ path: String) -> Bool { entry(path) != nil }
    package func isFolder(_ path: String) -> Bool { entry(path)?.isFolder ?? false }

    package func read(_ path: String) throws(FileError) -> [UInt8] {
        guard let entry = entries[try resolve(path)] else { throw .notFound }
        guard let bytes = entry.bytes else { throw .isAFolder }
        return bytes
    }

    package func text(_ path: String) -> String? { entry(path)?.bytes.map { String(decoding: $0, as: UTF8.self) } }

    /// The names in a folder, sorted.
    package func list(_ path: String) throws(FileError) -> [String] {
        let path = try resolve(path)
        guard let entry = entries[path] else { throw .notFound }
        guard entry.isFolder else { throw .notAFolder }
        return (names[path] ?? []).sorted()
    }

    /// Creates the file, or replaces its content and keeps its mode (unless one is given).
    package mutating func write(_ path: String, _ bytes: [UInt8], mode: Int? = nil, now: Date) throws(FileError) {
        let path = try resolve(path)
        if let present = entries[path] {
            guard !present.isFolder else { throw .isAFolder }
            entries[path] = Entry(content: .file(bytes), mode: mode ?? present.mode, modified: now)
        } else {
            try insert(path, Entry(content: .file(bytes), mode: mode ?? 0o644, modified: now))
        }
    }

    package mutating func makeLink(_ path: String, to target: String, now: Date) throws(FileError) {
        try insert(Self.absolute(path), Entry(content: .link(target), mode: 0o777, modified: now))
    }

    package mutating func makeFolder(
        _ path: String,
        mode: Int = 0o755,
        withParents: Bool = false,
        now: Date
    ) throws(FileError) {
        let path = try resolve(path)
        if let present = entries[path] {
            guard withParents, present.isFolder else { throw .exists }
            return
        }
        if withParents, entries[Self.parent(path)] == nil {
            try makeFolder(Self.parent(path), withParents: true, now: now)
        }
        try insert(path, Entry(content: .folder, mode: mode, modified: now))
    }

    private mutating func insert(_ path: String, _ entry: Entry) throws(FileError) {
        guard path != "/", entries[path] == nil else { throw .exists }
        let folder = try resolve(Self.parent(path))
        guard let parent = entries[folder] else { throw .notFound }
        guard parent.isFolder else { throw .notAFolder }
        let name = Self.name(path)
        entries[Self.join(folder, name)] = entry
        names[folder, default: []].insert(name)
    }

    package mutating func setMode(_ path: String, _ mode: Int) throws(FileError) {
        let path = try resolve(path)
        guard entries[path] != nil else { throw .notFound }
        entries[path]?.mode = mode
    }

    package mutating func touch(_ path: String, now: Date) throws(FileError) {
        let path = try resolve(path)
        if entries[path] == nil { try insert(path, Entry(content: .file([]), mode: 0o644, modified: now)) }
        entries[path]?.modified = now
    }

    /// Removes a file or link, or a folder with all that is in it.
    package mutating func remove(_ path: String) throws(FileError) {
        let path = try resolve(path, followLast: false)
        guard entries[path] != nil else { throw .notFound }
        for name in names[path] ?? [] { try remove(Self.join(path, name)) }
        names[path] = nil
        entries[path] = nil
        names[Self.parent(path)]?.remove(Self.name(path))
    }

    /// rename(2): what was at `target` is gone; a folder goes with all that is in it.
    package mutating func rename(_ source: String, to target: String) throws(FileError) {
        let source = try resolve(source, followLast: false)
        let target = try resolve(target, followLast: false)
        guard let entry = entries[source] else { throw .notFound }
        guard entries[Self.parent(target)] != nil else { throw .notFound }
        if source == target { return }
        guard !(target + "/").hasPrefix(source + "/") else { throw .intoItself }
        if let present = entries[target] {
            guard present.isFolder == entry.isFolder else { throw present.isFolder ? .isAFolder : .notAFolder }
            guard !present.isFolder || (names[target] ?? []).isEmpty else { throw .notEmpty }
            try remove(target)
        }
        try move(source, target, entry)
    }

    private mutating func move(_ source: String, _ target: String, _ entry: Entry) throws(FileError) {
        try insert(target, entry)
        for name in names[source] ?? [] {
            let child = Self.join(source, name)
            if let entry = entries[child] { try move(child, Self.join(target, name), entry) }
        }
        try remove(source)
    }
}

/// Why a file operation fails, in the words of strerror(3).
package enum FileError: String, Error, Sendable, Hashable {
    case notFound = "No such file or directory"
    case notAFolder = "Not a directory"
    case isAFolder = "Is a directory"
    case exists = "File exists"
    case notEmpty = "Directory not empty"
    case tooManyLinks = "Too many levels of symbolic links"
    case intoItself = "Invalid argument"
}

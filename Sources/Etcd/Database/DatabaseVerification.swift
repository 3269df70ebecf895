package import Bolt
import Crypto

/// All that can be said of a snapshot without a server: read once, each page bound, each row decoded, hashed twice.
package struct DatabaseVerification: Sendable {
    package var path: String
    /// The file's length.
    package var bytes: UInt64 = 0
    /// Nil if no database was found in it.
    package var kind: StoredDatabase.Kind?
    package var meta: Meta?
    /// SHA-256 of the database in hex, and what is saved behind it; for a snapshot.
    package var sha256: String?
    package var storedSHA256: String?
    package var check = BoltCheck()
    package var contents = DatabaseContents()
    /// What is wrong, the first of each kind; ``damageCount`` of them in all.
    package var damages: [DatabaseDamage] = []
    package var damageCount = 0

    package var isSound: Bool { damageCount == 0 }

    /// Verifies the file at `path`.
    /// - Throws: ``EtcdError/fileNotRead(path:reason:)`` when the file cannot be opened.
    package init(path: String, isDeep: Bool = false) async throws(EtcdError) {
        let file: DatabaseFile
        do { file = try await offCooperativePool { try DatabaseFile(path: path) } } catch {
            throw error as? EtcdError ?? .fileNotRead(path: path, reason: "\(error)")
        }
        await self.init(file, path: path, isDeep: isDeep)
    }

    /// Verifies a database wherever it lies. Its SHA-256 is computed beside the reading of its pages.
    ///
    /// Damage is not thrown but told, as much of it as can be found.
    package init(_ source: any PageSource, path: String, isDeep: Bool = false) async {
        self.path = path
        bytes = source.byteCount
        do {
            let database = try await offCooperativePool { try StoredDatabase(source, path: path) }
            kind = database.kind
            meta = database.bolt.meta
            async let hashed = offCooperativePool { try database.sha256() }
            take(try await offCooperativePool { Reading(database, isDeep: isDeep) })
            try compare(try await hashed, with: database)
        } catch EtcdError.damagedDatabase(_, let damage) {
            add(damage)
        } catch let error as BoltError {
            add(.structure(error))
        } catch {
            add(.structure(.unreadable(offset: 0, count: 0, PageSourceFailure("\(error)"))))
        }
    }

    private mutating func take(_ reading: Reading) {
        check = reading.check
        contents = reading.contents
        damages = reading.damages
        damageCount = reading.damageCount
    }

    private mutating func add(_ damage: DatabaseDamage) {
        damageCount += 1
        damages.insert(damage, at: 0)
    }

    /// What one pass over the pages gives.
    private struct Reading: Sendable {
        var check = BoltCheck()
        var contents: DatabaseContents
        var damages: [DatabaseDamage] = []
        var damageCount = 0

        init(_ database: StoredDatabase, isDeep: Bool) {
            let reading = DatabaseReading(compacted: database.compacted(), isDeep: isDeep)
            do {
                check = try database.bolt.check(reading)
                damages = check.damages.map { .structure($0) }
                damageCount = check.damageCount
            } catch {
                damages = [.structure(error)]
                damageCount = 1
            }
            contents = reading.finish(isWhole: damageCount == 0)
            damages += reading.damages
            damageCount += reading.damageCount
        }
    }

    private mutating func compare(_ computed: [UInt8], with database: StoredDatabase) throws {
        sha256 = Self.hex(computed)
        if let damage = database.lengthDamage { return add(damage) }
        guard database.kind == .snapshot else { return }
        let stored = try database.storedHash()
        storedSHA256 = Self.hex(stored)
        if stored != computed { add(.hash(stored: Self.hex(stored), computed: Self.hex(computed))) }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension StoredDatabase {
    /// Of the database, without what follows it.
    func sha256() throws(BoltError) -> [UInt8] {
        var hasher = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset: UInt64 = 0
        while offset < bolt.byteCount {
            let count = Int(min(UInt64(buffer.count), bolt.byteCount - offset))
            do { try source.read(count, at: offset, into: &buffer) } catch {
                throw .unreadable(offset: offset, count: count, error)
            }
            unsafe buffer.withUnsafeBytes { unsafe hasher.update(bufferPointer: .init(rebasing: $0[..<count])) }
            offset += UInt64(count)
        }
        return Array(hasher.finalize())
    }
}

/// A database file whose meta pages were found good. Nothing else of it has been read.
package struct BoltFile: Sendable {
    package let source: any PageSource
    /// The meta that counts: the good one of the higher transaction.
    package let meta: Meta
    /// What both meta pages say, by page.
    package let metas: [Result<Meta, MetaFault>]
    /// The most memory that pages may take at once.
    package let limit: Int

    /// Memory for the largest page with its overflow: far above what etcd writes (a request of 1.5 MiB, a few of them
    /// on one page).
    package static let usualLimit = 256 << 20

    package var pageSize: Int { meta.pageSize }
    package var pageCount: UInt64 { meta.pageCount }
    /// Bytes from the start of the file that are the database's.
    package var byteCount: UInt64 { meta.byteCount ?? 0 }

    /// What is wrong with one of the meta pages, where the other is good.
    package var metaDamage: BoltError? {
        for (page, result) in metas.enumerated() {
            if case .failure(let fault) = result { return .badMeta(page: PageID(page), fault) }
        }
        return nil
    }

    /// Reads both meta pages. The page size is what the first says, else the offset at which the second is found.
    package init(_ source: any PageSource, limit: Int = Self.usualLimit) throws(BoltError) {
        self.source = source
        self.limit = limit
        let first = try Self.meta(0, at: 0, source)
        var second = Result<Meta, MetaFault>.failure(.cutOff)
        switch first {
        case .success(let meta): second = try Self.meta(1, at: UInt64(meta.pageSize), source)
        case .failure:
            for size in (10...24).map({ UInt64(1) << $0 }) {
                let found = try Self.meta(1, at: size, source)
                if size == 1 << 12 { second = found }
                guard case .success(let meta) = found, meta.pageSize == Int(size) else { continue }
                second = found
                break
            }
        }
        metas = [first, second]
        switch (first, second) {
        case (.success(let one), .success(let other)):
            meta = other.transaction > one.transaction && other.pageSize == one.pageSize ? other : one
        case (.success(let one), .failure): meta = one
        case (.failure, .success(let other)): meta = other
        case (.failure(let one), .failure(let other)): throw .noMeta(first: one, second: other)
        }
        do { try meta.validate() } catch {
            let page: PageID = (try? first.get()) == meta ? 0 : 1
            throw page == 0 ? .noMeta(first: error, second: second.fault) : .noMeta(first: first.fault, second: error)
        }
        guard byteCount <= source.byteCount else { throw .tooShort(bytes: source.byteCount, needed: byteCount) }
    }

    private static func meta(
        _ id: PageID,
        at offset: UInt64,
        _ source: any PageSource
    ) throws(BoltError) -> Result<Meta, MetaFault> {
        let length = Meta.pageLength
        guard offset <= source.byteCount, UInt64(length) <= source.byteCount - offset else { return .failure(.cutOff) }
        var bytes = [UInt8](repeating: 0, count: length)
        do { try source.read(length, at: offset, into: &bytes) } catch {
            throw .unreadable(offset: offset, count: length, error)
        }
        do { return .success(try Meta(page: bytes[...], id: id)) } catch { return .failure(error) }
    }

    func reader() -> PageReader { PageReader(source, meta, limit: limit) }
}

extension Result where Failure == MetaFault {
    fileprivate var fault: MetaFault {
        if case .failure(let fault) = self { fault } else { .impossible("it is older") }
    }
}

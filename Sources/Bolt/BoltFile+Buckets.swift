extension BoltFile {
    /// A cursor over the root: its items are the buckets.
    package func root() -> BoltCursor { BoltCursor(.page(meta.root), in: 0, self) }

    /// A cursor over the bucket of that name, or of those names, each within the one before.
    /// - Throws: ``BoltError/noBucket(_:)`` if there is none, and what is damaged on the way.
    package func bucket(_ names: [UInt8]...) throws(BoltError) -> BoltCursor {
        var cursor = root()
        for name in names {
            guard let item = try cursor.seek(name), item.isBucket, item.key.elementsEqual(name) else {
                throw .noBucket(name)
            }
            let header: BucketHeader
            do { header = try BucketHeader(item.value, in: item.page, element: 0) } catch {
                throw .damaged(page: item.page, error)
            }
            cursor = BoltCursor(header.root, in: item.page, self)
        }
        return cursor
    }
}

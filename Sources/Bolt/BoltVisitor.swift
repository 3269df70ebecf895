/// Is shown everything in a database, in the order of the keys, while its pages are checked.
package protocol BoltVisitor: AnyObject {
    /// A bucket begins; its items follow until ``leave()``. Buckets within it come among its items.
    func enter(_ bucket: BoltBucketEntry)
    func leave()
    /// An item of the bucket that was entered last, or of the root if none was: of a good page, its content not
    /// looked at. `page` is the page that it is in.
    func item(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>, page: PageID)
}

/// A bucket as its parent names it.
package struct BoltBucketEntry: Sendable, Hashable {
    package var name: [UInt8]
    package var sequence: UInt64
    /// The page that names it.
    package var page: PageID
    /// Whether its items are in that page too.
    package var isInline: Bool
}

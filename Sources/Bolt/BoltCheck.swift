/// What a check of every page found.
package struct BoltCheck: Sendable, Hashable {
    package init() {}

    /// What is wrong, in the order of finding; the first ``mostDamages`` of ``damageCount``.
    package private(set) var damages: [BoltError] = []
    package private(set) var damageCount = 0
    /// Pages of the database, the two meta pages included.
    package var pageCount: UInt64 = 0
    /// Those that the root leads to, their overflow, the meta pages, and the list of free pages where it is stored.
    package var usedPages: UInt64 = 0
    /// Pages in the list of free pages; nil where none is stored, and every page that is not used is free.
    package var listedFree: UInt64?
    /// How often a page was asked for.
    package var pagesRead: UInt64 = 0

    package static let mostDamages = 100

    package var isSound: Bool { damageCount == 0 }
    package var freePages: UInt64 { pageCount - usedPages }

    mutating func add(_ damage: BoltError) {
        damageCount += 1
        if damages.count < Self.mostDamages { damages.append(damage) }
    }
}

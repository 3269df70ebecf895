import KubernetesModel

/// One change as the watch cache saw it.
package struct CacheEvent: Sendable {
    package enum Kind: Sendable {
        case added
        case modified
        case deleted
    }

    package var kind: Kind
    /// The new state; of a deletion, the last state with the deletion's revision.
    package var current: CachedObject
    package var previous: CachedObject?

    package var revision: Int64 { current.revision }
}

/// What a watcher of the cache is told.
package enum CacheNotice: Sendable {
    case event(CacheEvent)
    /// Everything up to this revision has been told.
    case bookmark(Int64)
    /// The objects that existed at the start have all been told.
    case initialEventsEnd(Int64)
}

/// Notices in order, until the watch is ended or the cache gives it up with an ``APIStatus``.
package typealias CacheNotices = AsyncThrowingStream<CacheNotice, any Error>

/// One watch of the cache.
package struct CacheWatch: Sendable {
    package let notices: CacheNotices
    /// Ends ``notices``.
    package let end: @Sendable () -> Void
}

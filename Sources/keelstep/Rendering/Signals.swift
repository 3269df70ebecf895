import Dispatch
import Glibc
import Synchronization

/// Ctrl-C (SIGINT), SIGTERM and a terminal that goes away (SIGHUP), told to whoever listens last.
///
/// They are taken over once in a process and never given back: Dispatch sets its own handler for a signal with the
/// first source for it, and a second source gets nothing once that handler was replaced.
enum Signals {
    private static let taken: [Int32] = [SIGINT, SIGTERM, SIGHUP]
    private static let sources = Mutex<[any DispatchSourceSignal]>([])
    private static let listeners = Mutex<[Listener]>([])

    private struct Listener: Sendable {
        let number: Int
        let outlet: AsyncStream<Void>.Continuation
    }

    /// Runs `body` with the signals that come meanwhile. Within it another may listen: then that one has them.
    static func with<Value>(_ body: (AsyncStream<Void>) async throws -> Value) async throws -> Value {
        take()
        let (signals, outlet) = AsyncStream.makeStream(of: Void.self)
        let number = listeners.withLock { listeners in
            let number = (listeners.last?.number ?? 0) + 1
            listeners.append(Listener(number: number, outlet: outlet))
            return number
        }
        defer { listeners.withLock { $0.removeAll { $0.number == number } } }
        return try await body(signals)
    }

    private static func take() {
        sources.withLock { sources in
            guard sources.isEmpty else { return }
            for number in taken {
                let source = DispatchSource.makeSignalSource(signal: number)
                source.setEventHandler { tell(number) }
                source.activate()
                sources.append(source)
            }
        }
    }

    private static func tell(_ number: Int32) {
        guard let listener = listeners.withLock({ $0.last }) else { return end(by: number) }
        listener.outlet.yield()
    }

    /// Where nobody listens, a signal does what it would have done without us.
    private static func end(by number: Int32) {
        signal(number, SIG_DFL)
        var alone = sigset_t()
        unsafe sigemptyset(&alone)
        unsafe sigaddset(&alone, number)
        unsafe pthread_sigmask(SIG_UNBLOCK, &alone, nil)
        raise(number)
    }
}

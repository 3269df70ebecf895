import Foundation
import Glibc
import Synchronization
import SystemPackage

/// A program that runs for as long as this process does, at most.
///
/// A thread of its own starts it and waits for its end. Through `setpriv --pdeathsig` (util-linux) the kernel kills
/// the program when that thread ends, and so when this process dies of anything at all.
package final class ChildProcess: Sendable {
    package enum End: Sendable, Hashable, CustomStringConvertible {
        case exited(code: Int32)
        case signalled(Int32)

        package var description: String {
            switch self {
            case .exited(let code): "exited with code \(code)"
            case .signalled(let signal): "was ended by signal \(signal)"
            }
        }
    }

    private struct State {
        var end: End?
        var waiters: [CheckedContinuation<End, Never>] = []
    }

    package let pid: Int32
    private let state = Mutex(State())

    private init(pid: Int32) { self.pid = pid }

    /// Starts a program whose output goes to the end of `log`.
    /// - Throws: `Errno` when it cannot be started.
    package static func start(
        _ program: String,
        _ arguments: [String],
        environment: [String: String],
        log: String
    ) async throws -> ChildProcess {
        let guardian = "/usr/bin/setpriv"
        let isGuarded = FileManager.default.isExecutableFile(atPath: guardian)
        let words = (isGuarded ? [guardian, "--pdeathsig", "KILL", "--"] : []) + [program] + arguments
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                do {
                    let child = ChildProcess(pid: try spawn(words, variables, log: log))
                    continuation.resume(returning: child)
                    child.waitForEnd()
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            thread.start()
        }
    }

    package var isRunning: Bool { state.withLock { $0.end == nil } }

    /// Sends a signal, unless the program has ended.
    package func send(_ signal: Int32) {
        state.withLock { if $0.end == nil { kill(pid, signal) } }
    }

    /// Waits for the program's end.
    @discardableResult
    package func ended() async -> End {
        await withCheckedContinuation { continuation in
            let end: End? = state.withLock {
                if $0.end == nil { $0.waiters.append(continuation) }
                return $0.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    private func waitForEnd() {
        var information = unsafe siginfo_t()
        // Looks without reaping: the number stays the program's own until no signal can be on its way to it.
        while unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let waiters = state.withLock { state in
            var status: Int32 = 0
            while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7f
            let end = signal == 0 ? End.exited(code: (status >> 8) & 0xff) : End.signalled(signal)
            state.end = end
            defer { state.waiters = [] }
            return state.waiters.map { ($0, end) }
        }
        for (waiter, end) in waiters { waiter.resume(returning: end) }
    }

    /// Beyond the highest open descriptor, with room for what other threads open meanwhile; closing one that is not
    /// open does no harm (posix_spawn in glibc).
    private static var endOfDescriptors: Int32 {
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return (open.compactMap(Int32.init).max() ?? 255) + 256
    }

    private static func spawn(_ words: [String], _ variables: [String], log: String) throws -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Sockets of this process must not live on in the program: it would hold their ports.
        for descriptor in 3..<Self.endOfDescriptors { unsafe posix_spawn_file_actions_addclose(&actions, descriptor) }

        // Its own process group: Ctrl-C at a terminal is this process's affair.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe variables.map { unsafe strdup($0) } + [nil]
        defer {
            for index in 0..<words.count { unsafe free(arguments[index]) }
            for index in 0..<variables.count { unsafe free(environment[index]) }
        }
        var child: pid_t = 0
        let outcome = unsafe posix_spawn(&child, words[0], &actions, &attributes, &arguments, &environment)
        guard outcome == 0 else { throw Errno(rawValue: outcome) }
        return child
    }
}

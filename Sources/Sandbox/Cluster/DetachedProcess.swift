import Foundation
import Glibc
import SystemPackage

/// A program that goes on when this one ends, and tells it when it is ready.
///
/// The program itself leaves the session (``leaveSession()``) so that no terminal signal reaches it.
package struct DetachedProcess: Sendable {
    package let pid: Int32
    private let reports: FileDescriptor

    /// Starts `program` with standard error (and, later, output) in `log`, and a pipe as its standard output.
    /// - Throws: `Errno` when it cannot be started.
    package init(program: String, arguments: [String], log: String) throws {
        let (reading, writing) = try FileDescriptor.pipe()
        defer { try? writing.close() }
        _ = fcntl(reading.rawValue, F_SETFD, FD_CLOEXEC)

        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, writing.rawValue, 1)

        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        defer { for index in words.indices { unsafe free(words[index]) } }
        var child: pid_t = 0
        let outcome = unsafe posix_spawn(&child, program, &actions, nil, &words, environ)
        guard outcome == 0 else {
            try reading.close()
            throw Errno(rawValue: outcome)
        }
        pid = child
        reports = reading
    }

    /// Called by the started program: makes it the leader of a session without a terminal.
    package static func leaveSession() { setsid() }

    /// The lines the program writes to its standard output until it closes it.
    package func lines() -> AsyncStream<String> {
        let reports = reports
        return AsyncStream { continuation in
            let reader = Thread {
                var line: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while let count = try? unsafe buffer.withUnsafeMutableBytes({ unsafe try reports.read(into: $0) }),
                    count > 0
                {
                    for byte in buffer.prefix(count) {
                        if byte == UInt8(ascii: "\n") {
                            continuation.yield(String(decoding: line, as: UTF8.self))
                            line.removeAll()
                        } else {
                            line.append(byte)
                        }
                    }
                }
                try? reports.close()
                continuation.finish()
            }
            reader.start()
        }
    }
}

/// How a run ended, for now or for good.
package enum RunOutcome: Sendable, Hashable {
    case completed
    case paused(PauseCause)
    /// Somebody else holds the lock.
    case refused(LockHolder)
    case failed(String)

    /// Of the program: 0 done, 1 failed, 4 paused and resumable.
    package var exitCode: Int32 {
        switch self {
        case .completed: 0
        case .paused: 4
        case .refused, .failed: 1
        }
    }
}

extension RunOutcome: CustomStringConvertible {
    package var description: String {
        switch self {
        case .completed: "completed"
        case .paused(let cause): "paused: \(cause)"
        case .refused(let holder): "refused: \(holder)"
        case .failed(let why): "failed: \(why)"
        }
    }
}

/// Why a run waits for `keelstep resume`.
package enum PauseCause: Sendable, Hashable {
    /// Somebody asked for it.
    case requested
    /// The run was stopped at once, in the middle of a step.
    case stopped
    case step(StepFailure)
    /// Another operator took the lock while the API was away.
    case lockLost(LockHolder)

    var kind: String {
        switch self {
        case .requested: "requested"
        case .stopped: "stopped"
        case .step: "step"
        case .lockLost: "lock-lost"
        }
    }
}

extension PauseCause: CustomStringConvertible {
    package var description: String {
        switch self {
        case .requested: "as asked"
        case .stopped: "stopped at once; the step in hand is probed on resume"
        case .step(let failure): failure.description
        case .lockLost(let holder): "\(holder) took the run's lock while the API server was away"
        }
    }
}

/// Written as `{"cause":"step","failure":{…}}`.
extension PauseCause: Codable {
    private enum Keys: String, CodingKey {
        case cause
        case failure
        case holder
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        switch try container.decode(String.self, forKey: .cause) {
        case "requested": self = .requested
        case "stopped": self = .stopped
        case "step": self = .step(try container.decode(StepFailure.self, forKey: .failure))
        case "lock-lost":
            self = .lockLost(LockHolder(parsing: try container.decode(String.self, forKey: .holder)))
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .cause,
                in: container,
                debugDescription: "there is no cause '\(other)'"
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(kind, forKey: .cause)
        switch self {
        case .requested, .stopped: break
        case .step(let failure): try container.encode(failure, forKey: .failure)
        case .lockLost(let holder): try container.encode(holder.identity, forKey: .holder)
        }
    }
}

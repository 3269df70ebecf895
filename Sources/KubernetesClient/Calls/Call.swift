import Foundation
import KubernetesModel

/// One request as the API sees it.
struct Call: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    var method: Method = .get
    /// Percent-encoded where it must be, without a query.
    var path: String
    var query: [(name: String, value: String)] = []
    var body: [UInt8]?
    var contentType = "application/json"
    var accept = "application/json"
    /// A second time does no harm: the call reads only, or carries a precondition.
    var isSafeToRepeat: Bool
    var retries: RetryPolicy?
    var deadline: Duration?

    init(_ method: Method = .get, _ path: String, query: [(name: String, value: String)] = []) {
        self.method = method
        self.path = path
        self.query = query
        isSafeToRepeat = method == .get
    }

    /// `GET /api/v1/nodes`, for messages.
    var title: String { "\(method.rawValue) \(path)" }

    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\($0.name)=\(Self.escaped($0.value))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        let hexadecimal = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// What the server answered, whole.
struct Answer: Sendable {
    var code: Int
    var body: [UInt8]
    /// The Retry-After header in seconds; a date in it is not understood and left out.
    var retryAfter: Int?

    var isSuccess: Bool { (200..<300).contains(code) }

    /// The refusal as a Status, made up from the code where the server sent something else.
    var status: APIStatus {
        var status: APIStatus
        if let value = try? JSONValue(parsing: body), let told = APIStatus(value) {
            status = told
            if status.code == 0 { status.code = code }
        } else {
            let text = String(decoding: body.prefix(512), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            status = APIStatus(code: code, reason: Self.reasons[code] ?? "", message: text)
        }
        if let retryAfter, status.retryAfterSeconds == nil {
            var details = status.details ?? .object([:])
            details["retryAfterSeconds"] = .integer(Int64(retryAfter))
            status.details = details
        }
        return status
    }

    private static let reasons = [
        400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed",
        409: "Conflict", 410: "Gone", 415: "UnsupportedMediaType", 422: "Invalid", 429: "TooManyRequests",
        500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout",
    ]
}

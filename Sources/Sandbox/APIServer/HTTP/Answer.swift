import HTTPTypes
import Hummingbird
import KubernetesModel
import NIOCore

/// Responses in the forms of the API.
enum Answer {
    static func json(_ bytes: [UInt8], status: Int = 200, type: String = "application/json") -> Response {
        Response(
            status: .init(code: status),
            headers: [.contentType: type, .cacheControl: "no-cache, private"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    static func value(_ value: JSONValue, status: Int = 200, type: String = "application/json") -> Response {
        json(value.bytes, status: status, type: type)
    }

    static func text(_ text: String, status: Int = 200) -> Response {
        Response(
            status: .init(code: status),
            headers: [.contentType: "text/plain; charset=utf-8", .xContentTypeOptions: "nosniff"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    static func failure(_ failure: APIStatus) -> Response {
        var response = value(failure.value, status: (400...599).contains(failure.code) ? failure.code : 500)
        if let seconds = failure.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    /// A success without an object: what DELETE and the eviction answer.
    static func success(status: Int = 200, details: JSONValue? = nil) -> Response {
        var value: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
        ]
        if status != 200 { value["code"] = .integer(Int64(status)) }
        value["details"] = details
        return self.value(value, status: status)
    }
}

extension HTTPField.Name {
    /// `Warning`, which kubectl prints to its user (RFC 7234 §5.5). The name is a token, so it is one.
    static var warningText: HTTPField.Name { HTTPField.Name("Warning") ?? .via }
}

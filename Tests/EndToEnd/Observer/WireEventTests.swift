import Foundation
import Testing

@Suite struct `an event of a watch` {
    private func event(_ text: String) throws -> WireEvent {
        try JSONDecoder().decode(WireEvent.self, from: Data(text.utf8))
    }

    /// As a kube-apiserver answers a watch from a version that it does not remember.
    @Test func `that is an error holds no object`() throws {
        let expired = try event(
            #"{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","#
                + #""message":"too old resource version: 1 (2)","reason":"Expired","code":410}}"#
        )
        #expect(expired.type == "ERROR" && expired.object == nil)
    }

    @Test func `that is none holds one`() throws {
        let text = #"{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"7"},"spec":{}}}"#
        #expect(try event(text).object?.metadata.resourceVersion == "7")
        #expect(throws: DecodingError.self) { try event(#"{"type":"ADDED","object":{"spec":{}}}"#) }
    }
}

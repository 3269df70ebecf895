/// Maps `inputs`, up to `limit` at a time, keeping their order.
func concurrentMap<Input: Sendable, Output: Sendable>(
    _ inputs: [Input],
    limit: Int,
    _ body: @escaping @Sendable (Input) async -> Output
) async -> [Output] {
    await withTaskGroup(of: (Int, Output).self) { group in
        var outputs: [Output?] = Array(repeating: nil, count: inputs.count)
        var next = 0
        func addOne() {
            let index = next
            let input = inputs[index]
            next += 1
            group.addTask { (index, await body(input)) }
        }
        while next < min(max(limit, 1), inputs.count) { addOne() }
        for await (index, output) in group {
            outputs[index] = output
            if next < inputs.count { addOne() }
        }
        return outputs.compactMap(\.self)
    }
}

/// Runs `body` for at most `limit`; nil when that was not enough.
func withinLimit<Value: Sendable>(
    _ limit: Duration,
    clock: any Clock<Duration>,
    _ body: @escaping @Sendable () async -> Value
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await body() }
        group.addTask {
            // Cancelled when the body is faster: what the sleep throws then tells nothing.
            try? await clock.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return await group.next() ?? nil
    }
}

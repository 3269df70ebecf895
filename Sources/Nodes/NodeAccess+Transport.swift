package import Settings

extension NodeAccess {
    /// The way to a node that these settings describe.
    package func transport(to node: String) -> any Transport {
        switch self {
        case .sandbox(let socket): SocketTransport(node: node, path: socket)
        }
    }
}

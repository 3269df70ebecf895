/// A container as a pod's spec asks for it.
package struct Container: Sendable, Hashable {
    package var name: String
    package var image: String
    package var requests: ResourceList
    package var ports: [HostPort]
    /// An init container that is restarted for ever, and so runs beside the others.
    package var isSidecar: Bool
    package var hasPreStopHook: Bool

    package init(_ value: JSONValue) {
        name = value["name"]?.string ?? ""
        image = value["image"]?.string ?? ""
        // The API server copies limits into requests that are not set.
        requests = ResourceList(value["resources"]?["requests"])
        for (name, limit) in ResourceList(value["resources"]?["limits"]).amounts where requests.amounts[name] == nil {
            requests[name] = limit
        }
        ports = (value["ports"]?.array ?? []).compactMap(HostPort.init)
        isSidecar = value["restartPolicy"]?.string == "Always"
        hasPreStopHook = value["lifecycle"]?["preStop"].map { !$0.isNull } ?? false
    }
}

/// A port of the node that a container takes for itself.
package struct HostPort: Sendable, Hashable, CustomStringConvertible {
    package var port: Int
    /// `TCP`, `UDP` or `SCTP`.
    package var networkProtocol: String
    /// The one address; `0.0.0.0` for all.
    package var address: String

    package init(port: Int, networkProtocol: String = "TCP", address: String = "0.0.0.0") {
        self.port = port
        self.networkProtocol = networkProtocol
        self.address = address
    }

    /// Reads a container's port; nil where it takes none of the node's.
    package init?(_ value: JSONValue) {
        guard let port = value["hostPort"]?.int, port > 0 else { return nil }
        let address = value["hostIP"]?.string ?? ""
        self.init(
            port: port,
            networkProtocol: value["protocol"]?.string ?? "TCP",
            address: address.isEmpty || address == "::" ? "0.0.0.0" : address
        )
    }

    package func conflicts(with other: HostPort) -> Bool {
        port == other.port && networkProtocol == other.networkProtocol
            && (address == other.address || address == "0.0.0.0" || other.address == "0.0.0.0")
    }

    package var description: String { "\(port)/\(networkProtocol)" }
}

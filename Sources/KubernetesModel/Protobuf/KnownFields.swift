/// Which fields a built-in kind has, from the same table that decodes its protobuf form.
package enum KnownFields {
    /// Paths of the fields in `object` that its kind does not have in Kubernetes 1.`minor`, in the form in which an API
    /// server reports them (`spec.containers[0].foo`), sorted; none for kinds that are not in the table.
    package static func unknown(in object: KubernetesObject, minor: Int) -> [String] {
        guard let message = ProtobufSchema.known.message(for: object.groupVersionKind) else { return [] }
        var paths: [String] = []
        var members = object.value.object ?? [:]
        members["apiVersion"] = nil
        members["kind"] = nil
        collect(members, message, at: "", minor, &paths)
        return paths.sorted()
    }

    private static func collect(
        _ members: [String: JSONValue],
        _ message: ProtobufSchema.Message,
        at path: String,
        _ minor: Int,
        _ paths: inout [String]
    ) {
        for (name, value) in members {
            let place = path.isEmpty ? name : "\(path).\(name)"
            guard let field = field(name, of: message, minor) else {
                paths.append(place)
                continue
            }
            guard case .message(let index) = field.content else { continue }
            let inner = ProtobufSchema.known.messages[index]
            switch (field.shape, value) {
            case (.one, .object(let own)): collect(own, inner, at: place, minor, &paths)
            case (.list, .array(let elements)):
                for (position, element) in elements.enumerated() {
                    guard case .object(let own) = element else { continue }
                    collect(own, inner, at: "\(place)[\(position)]", minor, &paths)
                }
            case (.map, .object(let entries)):
                for (key, entry) in entries {
                    guard case .object(let own) = entry else { continue }
                    collect(own, inner, at: "\(place).\(key)", minor, &paths)
                }
            default: break
            }
        }
    }

    private static func field(
        _ name: String,
        of message: ProtobufSchema.Message,
        _ minor: Int
    ) -> ProtobufSchema.Field? {
        for field in message.fields where field.since <= minor {
            if field.presence == .inline {
                guard case .message(let index) = field.content else { continue }
                if let found = self.field(name, of: ProtobufSchema.known.messages[index], minor) { return found }
            } else if field.name == name {
                return field
            }
        }
        return nil
    }
}

import KubernetesModel
import Testing

@Suite struct `a label selector` {
    private static let labels = ["app": "web", "tier": "front", "n": "5", "empty": "", "example.com/a_b.c": "X-1"]
    private static let object = KubernetesObject(["metadata": ["labels": JSONValue(labels)]])

    @Test(arguments: [
        "", "app=web", "app==web", " app = web ", "app!=db", "other!=x", "app in (web,db)", "app in ( web )",
        "app notin (db)", "other notin (x,y)", "app", "!other", "n>4", "n<6", "empty=", "empty in ()", "empty in (,x)",
        "app=web,tier=front,!other,n>1", "example.com/a_b.c=X-1", "app,tier",
    ])
    func `matches`(text: String) throws {
        #expect(try LabelSelector(parsing: text).matches(Self.labels))
        #expect(try LabelSelector(parsing: text).matches(Self.object))
    }

    @Test(arguments: [
        "app=db", "app!=web", "app in (db)", "app notin (web)", "other", "!app", "n>5", "n<5", "app>1", "other<1",
        "app=web,tier=back", "app=", "other=",
    ])
    func `does not match`(text: String) throws {
        #expect(try !LabelSelector(parsing: text).matches(Self.labels))
        #expect(try !LabelSelector(parsing: text).matches(Self.object))
    }

    @Test(arguments: [
        ",", "app=web,", ",app", "=web", "!", "!!app", "app=web=x", "app in", "app in (", "app in (a", "app in a",
        "app notin (a,b", "a b", "a>x", "a>", "-a=b", "a/b/c=d", "/a", "a=-b", "a=b-", "a=é", "Ä=b", "UP.com/a=b",
        "a=\(String(repeating: "x", count: 64))", "(a)", "a!b",
    ])
    func `is refused when malformed`(text: String) {
        #expect(throws: ModelError.self) { try LabelSelector(parsing: text) }
    }

    @Test(arguments: [
        ("a=1,b!=2,c in (x,y),d notin (z,w),e,!f,g>1,h<2", "a=1,b!=2,c in (x,y),d notin (z,w),e,!f,g>1,h<2"),
        ("a==1, b in (2)", "a=1,b=2"), ("", ""),
    ])
    func `is written as a query`(text: String, expected: String) throws {
        #expect(try LabelSelector(parsing: text).description == expected)
    }

    @Test(
        arguments: [
            (nil, false), (.null, false), ([:], true), (["matchLabels": ["app": "web"]], true),
            (["matchLabels": ["app": "db"]], false),
            (["matchExpressions": [["key": "app", "operator": "In", "values": ["web", "db"]]]], true),
            (["matchExpressions": [["key": "app", "operator": "NotIn", "values": ["web"]]]], false),
            (["matchExpressions": [["key": "other", "operator": "NotIn", "values": ["web"]]]], true),
            (["matchExpressions": [["key": "other", "operator": "DoesNotExist"]]], true),
            (["matchExpressions": [["key": "app", "operator": "Exists"], ["key": "n", "operator": "Exists"]]], true),
            (["matchLabels": ["app": "web"], "matchExpressions": [["key": "n", "operator": "DoesNotExist"]]], false),
            (["matchExpressions": [["key": "app", "operator": "Nonsense", "values": ["web"]]]], false),
            (["matchExpressions": [["key": "app", "operator": "In"]]], false),
        ] as [(JSONValue?, Bool)]
    )
    func `is read from an object`(value: JSONValue?, matches: Bool) {
        #expect(LabelSelector(value).matches(Self.labels) == matches)
    }
}

@Suite struct `a field selector` {
    private static let pod = KubernetesObject([
        "kind": "Pod", "metadata": ["name": "web-1", "namespace": "shop"],
        "spec": ["nodeName": "worker-1", "hostNetwork": true],
        "status": ["phase": "Running", "podIP": "10.0.0.1", "odd": "a,b=c\\"],
    ])

    @Test(arguments: [
        "", "metadata.name=web-1", "metadata.namespace==shop", "spec.nodeName=worker-1", "spec.nodeName!=worker-2",
        "status.phase!=Succeeded,status.phase!=Failed", "spec.unschedulable=false", "spec.hostNetwork=true",
        "status.nominatedNodeName=", ",spec.nodeName=worker-1,", #"status.odd=a\,b\=c\\"#, "status.successful=0",
    ])
    func `matches`(text: String) throws {
        #expect(try FieldSelector(parsing: text).matches(Self.pod))
    }

    @Test(arguments: [
        "metadata.name=web-2", "spec.nodeName=", "status.phase=Running,spec.nodeName=x", "spec.unschedulable=true",
    ])
    func `does not match`(text: String) throws {
        #expect(try !FieldSelector(parsing: text).matches(Self.pod))
    }

    @Test(arguments: ["a", "=b", "!=b", "a=b=c", #"a=\x"#, #"a=b\"#])
    func `is refused when malformed`(text: String) {
        #expect(throws: ModelError.self) { try FieldSelector(parsing: text) }
    }

    @Test func `tells its terms`() throws {
        let selector = try FieldSelector(parsing: "spec.nodeName=n1,status.phase!=Failed")
        #expect(selector.requirements.map(\.path) == ["spec.nodeName", "status.phase"])
        #expect(selector.requirements.map(\.op) == [.equals, .differs])
        #expect(selector.requirements.map(\.value) == ["n1", "Failed"])
    }
}

// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error), .treatWarning("StrictMemorySafety", as: .warning),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let tls: [Target.Dependency] = [
    .product(name: "NIOSSL", package: "swift-nio-ssl")
]
let certificates: [Target.Dependency] = [
    .product(name: "X509", package: "swift-certificates"),
    .product(name: "SwiftASN1", package: "swift-asn1"),
    .product(name: "Crypto", package: "swift-crypto"),
]
let grpc: [Target.Dependency] = [
    .product(name: "GRPCCore", package: "grpc-swift-2"),
    .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
    .product(name: "SwiftProtobuf", package: "swift-protobuf"),
]
let grpcTransport = Target.Dependency.product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let httpServer: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "HummingbirdTLS", package: "hummingbird"),
]
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name)] + dependencies,
        exclude: exclude,
        swiftSettings: strict
    )
}

let package = Package(
    name: "keelstep",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "keelstep", targets: ["keelstep"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf.git", from: "2.4.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
    ],
    targets: [
        room("KubernetesVersions", []),
        room("KubernetesModel", [yams]),
        room("Bolt", []),
        .target(name: "CRC32C"),
        room("Settings", ["KubernetesVersions", yams, system]),
        room(
            "KubernetesClient",
            ["KubernetesModel", yams, httpClient, subprocess, system] + nio + tls
                + [.product(name: "NIOHTTP1", package: "swift-nio")] + certificates
        ),
        room(
            "Etcd",
            ["Bolt", "CRC32C", "KubernetesModel", grpcTransport, system, "EtcdRPC"] + grpc + nio + tls + certificates
        ),
        .target(
            name: "EtcdRPC",
            dependencies: grpc,
            path: "Sources/EtcdRPC",
            exclude: ["Protos", "generate"],
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
        room("Nodes", ["KubernetesVersions", "KubernetesModel", "Settings", subprocess, system] + nio),
        room("Placement", ["KubernetesModel"]),
        room(
            "Survey",
            ["KubernetesVersions", "KubernetesModel", "Settings", "KubernetesClient", "Etcd", "Nodes", "Placement"]
                + certificates
        ),
        room(
            "Runs",
            [
                "KubernetesModel", "KubernetesClient", crypto, system,
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        room("Draining", ["KubernetesModel", "KubernetesClient", "Placement"]),
        room("Checks", ["KubernetesVersions", "KubernetesModel", "Placement", "Survey", "Draining", "Settings"]),
        room("Backups", ["Etcd", "Nodes", "Survey", "Runs", "KubernetesClient", "KubernetesModel", crypto, system]),
        room(
            "Upgrades",
            [
                "KubernetesVersions", "KubernetesModel", "KubernetesClient", "Etcd", "Nodes", "Placement", "Survey",
                "Runs", "Draining", "Checks", "Backups", "Settings", crypto, system,
            ]
        ),
        room(
            "Sandbox",
            [
                "KubernetesVersions", "KubernetesModel", "Placement", "Nodes", "Etcd", "EtcdRPC", "Settings",
                grpcTransport,
                yams, subprocess, system, .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ] + httpServer + nio + tls + certificates + grpc
        ),
        .executableTarget(
            name: "keelstep",
            dependencies: [
                "KubernetesVersions", "KubernetesModel", "Bolt", "Settings", "KubernetesClient", "Etcd", "Nodes",
                "Survey", "Runs", "Draining", "Checks", "Backups", "Upgrades", "Sandbox", argumentParser, yams, system,
            ],
            swiftSettings: strict
        ),
        tests(of: "KubernetesModel", exclude: ["Fixtures"]),
        tests(of: "KubernetesVersions"),
        tests(of: "Bolt"),
        tests(of: "Placement", ["KubernetesModel"]),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        tests(of: "Settings"),
        tests(
            of: "Upgrades",
            [
                "KubernetesVersions", "KubernetesModel", "KubernetesClient", "Survey", "Checks", "Draining", "Nodes",
                "Placement", "Runs",
            ],
            exclude: ["Plans", "Golden"]
        ),
        .testTarget(
            name: "SandboxAPIServerTests",
            dependencies: ["Sandbox", "KubernetesModel", "KubernetesVersions", subprocess, system, httpClient] + nio
                + tls
                + [.product(name: "NIOHTTP1", package: "swift-nio")],
            exclude: ["Stories"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEnd",
            dependencies: [
                "keelstep", "Sandbox", "StubAPI", "EtcdSupport", subprocess, system, httpClient, yams,
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ] + nio + tls,
            swiftSettings: strict
        ),
        .target(
            name: "StubAPI",
            dependencies: ["KubernetesModel", "Nodes", .product(name: "NIOHTTP1", package: "swift-nio")] + nio + tls
                + certificates,
            path: "Tests/StubAPI",
            swiftSettings: strict
        ),
        tests(of: "KubernetesClient", ["KubernetesModel", "StubAPI", subprocess, system] + nio),
        tests(of: "Draining", ["KubernetesModel", "KubernetesClient", "Placement", "StubAPI"]),
        .target(
            name: "EtcdSupport",
            dependencies: ["Etcd", "Sandbox", subprocess, system] + nio,
            path: "Tests/EtcdSupport",
            swiftSettings: strict
        ),
        tests(of: "Etcd", ["EtcdSupport", "Sandbox", "Bolt", crypto]),
        tests(of: "Backups", ["EtcdSupport", "Sandbox", "Etcd", "Nodes", "KubernetesModel"]),
        .testTarget(name: "SandboxStorageTests", dependencies: ["Sandbox", "Etcd"], swiftSettings: strict),
        .testTarget(
            name: "SandboxSocketsTests",
            dependencies: ["Sandbox", "Nodes", "Etcd", "KubernetesModel", "KubernetesVersions"] + nio,
            swiftSettings: strict
        ),
        .testTarget(
            name: "SandboxControllersTests",
            dependencies: ["Sandbox", "KubernetesModel", "KubernetesVersions"],
            swiftSettings: strict
        ),
        tests(
            of: "Runs",
            ["KubernetesModel", "KubernetesClient", "StubAPI", .product(name: "GRDB", package: "GRDB.swift")],
            exclude: ["Golden"]
        ),
        tests(of: "Nodes", ["KubernetesVersions"] + nio),
        .testTarget(
            name: "NodeAccessTests",
            dependencies: ["Nodes", "Settings", "Survey", subprocess, system] + nio,
            swiftSettings: strict
        ),
        .testTarget(
            name: "SandboxMachinesTests",
            dependencies: ["Sandbox", "Nodes", "KubernetesModel", "KubernetesVersions"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "UpgradeStepsTests",
            dependencies: [
                "Upgrades", "Backups", "Runs", "Nodes", "Etcd", "KubernetesClient", "KubernetesVersions",
                "EtcdSupport", crypto,
            ],
            swiftSettings: strict
        ),
    ]
)

// Off the path of builds and tests: only with KEELSTEP_BENCHMARKS=1 (`make bench`) is this target there.
if Context.environment["KEELSTEP_BENCHMARKS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "keelstep-bench",
            dependencies: [
                "KubernetesVersions", "KubernetesModel", "KubernetesClient", "Settings", "Sandbox", argumentParser,
                subprocess, system,
            ],
            path: "Benchmarks",
            swiftSettings: strict
        )
    )
}

import KubernetesVersions
import Testing

@testable import Nodes

@Suite struct `what a node says of itself` {
    @Test func `as an operating system`() {
        let values = NodeFacts.osRelease(
            "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\nVERSION_ID='12'\n# ID=other\nEMPTY=\nodd\nX=\"\nY=a=b\n"
        )
        #expect(values["PRETTY_NAME"] == "Debian GNU/Linux 12" && values["ID"] == "debian")
        #expect(values["VERSION_ID"] == "12" && values["EMPTY"] == "" && values["X"] == "\"" && values["Y"] == "a=b")
    }

    @Test func `as free space`() {
        let table = "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
        #expect(
            DiskSpace.parse(table + "/dev/sda1 41152812 9845220 31307592 24% /a b\n") == [
                DiskSpace(
                    fileSystem: "/dev/sda1",
                    availableBytes: 31_307_592 * 1024,
                    totalBytes: 41_152_812 * 1024,
                    mountPoint: "/a b"
                )
            ]
        )
        #expect(DiskSpace.parse(table + "/dev/sda1 9223372036854775807 0 9223372036854775807 0% /\n") == [])
        #expect(DiskSpace.parse(table + "short 1 2\n") == [] && DiskSpace.parse("") == [])
    }

    @Test func `as files`() {
        let entries = NodeFiles.parse("600 4 /etc/a b\n644 0 /c\n9 1 /bad\nx\n600 -1\n")
        #expect(entries.map(\.path) == ["/etc/a b", "/c"] && entries[0].mode == 0o600)
    }

    @Test func `as a service`() {
        let unit = Systemd.Unit(
            "ActiveState=active\nSubState=running\nNRestarts=3\nMainPID=x\nNeedDaemonReload=yes\nodd\n"
        )
        #expect(unit.isActive && unit.restarts == 3 && unit.mainPID == 0 && unit.needsDaemonReload)
        #expect(!Systemd.Unit("").isActive)
    }

    @Test(
        arguments: [
            ("registry.k8s.io/kube-apiserver:v1.31.4", "v1.31.4"),
            ("r:5000/kube-apiserver:v1.31.4@sha256:00", "v1.31.4"),
            ("r:5000/kube-apiserver", nil), ("kube-apiserver:latest", nil), ("", nil), ("@", nil),
            ("registry.k8s.io/etcd:3.5.15-0", "v3.5.15-0"),
        ] as [(String, String?)]
    ) func `as an image`(image: String, version: String?) {
        #expect(StaticPodManifests.version(ofImage: image)?.description == version)
    }
}

import Glibc

/// Finds TCP ports for servers that will be stopped and started again on the same one.
///
/// They lie below the range the kernel takes ports for outgoing connections from (32768 and up by default), so that
/// no connection sits on a port while its server is down.
package enum LoopbackPorts {
    /// Ports of 127.0.0.1 that nothing listened on a moment ago.
    package static func free(_ count: Int) -> [Int] {
        var found: [Int] = []
        for _ in 0..<10_000 where found.count < count {
            let port = Int.random(in: 20_000..<32_000)
            if !found.contains(port), isFree(port) { found.append(port) }
        }
        return found
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

import Foundation

/// Who runs this program.
enum LocalUser {
    static var isRoot: Bool { geteuid() == 0 }
    static var name: String { NSUserName() }
}

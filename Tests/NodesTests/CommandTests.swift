import Foundation
import Nodes
import Testing

@Suite struct `a word for a shell` {
    @Test(arguments: [
        ("", "''"), ("plain", "plain"), ("/etc/apt/sources.list", "/etc/apt/sources.list"),
        ("kubeadm=1.32.6-1.1", "kubeadm=1.32.6-1.1"), ("two words", "'two words'"), ("it's", #"'it'\''s'"#),
        ("'", #"''\'''"#), ("$HOME", "'$HOME'"), ("1.34.0~rc.1", "'1.34.0~rc.1'"), ("a*", "'a*'"),
    ]) func `is quoted only where it must be`(word: String, quoted: String) {
        #expect(ShellWord.quoted(word) == quoted)
    }

    @Test(arguments: [
        "", " ", "-n", "a b", "'", "''", "\"", "\\", "\\'", "$(reboot)", "`reboot`", "${PATH}", "a;b", "a|b", "a&b",
        "a>b", "#", "~", "*", "[a]", "{a,b}", "!", "a\nb", "a\tb", "a\u{7F}b", "ü", "日本", "%s", "--", "=", "a=b",
        #"'"'"'"#, "-o", "Dpkg::Options::=--force-confdef", "$'\\n'",
    ]) func `is given back by a real shell as it was`(word: String) throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", "for word in \(ShellWord.quoted(word)); do printf '<%s>' \"$word\"; done"]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        shell.waitUntilExit()
        #expect(Array(bytes) == Array("<\(word)>".utf8))
    }
}

@Suite struct `a command` {
    @Test func `reads as a person would type it`() {
        let command = Command("apt-get", "install", "two words", environment: ["LC_ALL": "C", "A": "b c"])
        #expect("\(command)" == "A='b c' LC_ALL=C apt-get install 'two words'")
        #expect(command.program == "apt-get" && Command(arguments: []).program == "")
    }

    @Test func `can be pasted with what it reads, unless that is secret`() {
        let command = Command("tee", "/etc/x", input: Array("it's\n".utf8))
        #expect(command.pastable == "printf %s 'it'\\''s\n' | tee /etc/x")
        var secret = command
        secret.isSecret = true
        #expect(secret.pastable == "tee /etc/x  # reads a secret")
        #expect(Command("true").pastable == "true")
    }
}

@main struct Keelstep { static func main() {} }

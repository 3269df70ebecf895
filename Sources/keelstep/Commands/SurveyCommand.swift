import ArgumentParser
import Settings
import Survey

struct SurveyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "survey",
        abstract: "Read the cluster: versions, roles, etcd, certificates, workloads and budgets. Changes nothing."
    )

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let settings = try cluster.settings()
        let survey = try await cluster.withCluster(settings) { client, nodes in
            try await Surveyor(client: client, transport: nodes.transport).survey()
        }
        try output.render(survey.value) { SurveyText.lines(survey) }
    }
}

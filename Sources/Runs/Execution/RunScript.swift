/// What an executor runs: hops one after another, their stages likewise, the turns of a stage side by side, the steps
/// of a turn in order.
package struct RunScript: Sendable {
    package struct Hop: Sendable {
        package var number: Int
        /// `v1.31.4 → v1.32.6`.
        package var title: String
        package var stages: [Stage]

        package init(number: Int, title: String, stages: [Stage]) {
            self.number = number
            self.title = title
            self.stages = stages
        }
    }

    package struct Stage: Sendable {
        package var title: String
        /// How many turns may be under way at once.
        package var concurrency: Int
        package var turns: [Turn]

        package init(title: String, concurrency: Int = 1, turns: [Turn]) {
            self.title = title
            self.concurrency = concurrency
            self.turns = turns
        }
    }

    package struct Turn: Sendable {
        package var node: String?
        package var steps: [any Step]

        package init(node: String? = nil, steps: [any Step]) {
            self.node = node
            self.steps = steps
        }
    }

    package var title: String
    package var hops: [Hop]

    package init(title: String, hops: [Hop]) {
        self.title = title
        self.hops = hops
    }

    package var steps: [any Step] { hops.flatMap { $0.stages.flatMap { $0.turns.flatMap(\.steps) } } }
    package var outline: RunOutline { RunOutline(self) }
}

/// A script as a value, for those who show it.
package struct RunOutline: Sendable, Hashable, Codable {
    package struct Hop: Sendable, Hashable, Codable {
        package var number: Int
        package var title: String
        package var stages: [Stage]
    }

    package struct Stage: Sendable, Hashable, Codable {
        package var title: String
        package var concurrency: Int
        package var steps: [Entry]
    }

    package struct Entry: Sendable, Hashable, Codable {
        package var step: StepReference
        package var estimatedSeconds: Double
    }

    package var title: String
    package var hops: [Hop]

    package init(_ script: RunScript) {
        title = script.title
        hops = script.hops.map { hop in
            Hop(
                number: hop.number,
                title: hop.title,
                stages: hop.stages.map { stage in
                    Stage(
                        title: stage.title,
                        concurrency: stage.concurrency,
                        steps: stage.turns.flatMap(\.steps).map {
                            Entry(step: StepReference($0.label), estimatedSeconds: $0.label.estimate.inSeconds)
                        }
                    )
                }
            )
        }
    }
}

/// A step as events name it.
package struct StepReference: Sendable, Hashable, Codable {
    package var id: String
    package var title: String
    package var node: String?

    package init(id: String, title: String, node: String? = nil) {
        self.id = id
        self.title = title
        self.node = node
    }

    package init(_ label: StepLabel) { self.init(id: label.id, title: label.title, node: label.node) }
}

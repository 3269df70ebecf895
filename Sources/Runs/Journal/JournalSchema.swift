import GRDB

/// The tables of a journal. A registered migration is never edited once released.
enum JournalSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE run (
                        id TEXT PRIMARY KEY NOT NULL, cluster TEXT NOT NULL, state TEXT NOT NULL, title TEXT NOT NULL,
                        started TEXT NOT NULL, finished TEXT, who TEXT NOT NULL, tool TEXT NOT NULL, plan BLOB NOT NULL
                    );
                    CREATE TABLE event (
                        seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES run (id), at TEXT NOT NULL,
                        kind TEXT NOT NULL, step TEXT, node TEXT, body TEXT NOT NULL
                    );
                    CREATE INDEX event_by_run ON event (run, seq);
                    """
            )
        }
        return migrator
    }
}

module github.com/seed70860981/slack-admin-sessions/wrapper/examples

go 1.25.0

require github.com/seed70860981/slack-admin-sessions v0.0.0

replace github.com/seed70860981/slack-admin-sessions => ../..

package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tabletOnly adds an optional boolean to a method.
var tabletOnly = edit{specFile, resetRequest, resetRequest + `        tablet_only:
          type: boolean
          default: false
          description: End only the sessions on tablets.
          example: true
`}

const resetRequest = `    ResetRequest:
      type: object
      description: Whose sessions to end.
      required: [user_id]
      properties:
`

// resetMany adds a third method, with its schema: Slack's admin.users.session.resetBulk, under names that
// Slack does not have, so that the tests outlive its addition.
var resetMany = []edit{
	{specFile, "\ncomponents:\n", `
  /admin.users.session.resetMany:
    post:
      operationId: admin_users_session_resetMany
      tags: [admin.users.session]
      summary: End all sessions of many users
      description: Ends every session of up to 1,000 users, or only those on mobile devices or in browsers.
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              $ref: '#/components/schemas/ResetManyRequest'
            example: &resetMany {people: [W0123456789], mobile_only: true}
          application/json:
            schema:
              $ref: '#/components/schemas/ResetManyRequest'
            example: *resetMany
      responses:
        '200':
          description: "Slack's verdict, in ` + "`ok`. Errors of the method's own: `user_not_found`" + `."
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Response'
              example: {ok: true}
        '429':
          description: Too many requests.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Response'
              example: {ok: false, error: ratelimited}

components:
`},
	{specFile, "\n    Response:\n", `
    ResetManyRequest:
      type: object
      description: Whose sessions to end.
      required: [people]
      properties:
        people:
          type: array
          minItems: 1
          maxItems: 1000
          items:
            type: string
          description: IDs of the users whose sessions end.
          example: [W0123456789]
        mobile_only:
          type: boolean
          default: false
          description: End only the sessions on mobile devices.
          example: true
        web_only:
          type: boolean
          default: false
          description: End only the sessions in browsers.
          example: true

    Response:
`},
}

// regenerate applies edits to a copy of the project, generates anew and builds the wrapper there.
func regenerate(t *testing.T, edits ...edit) (before, after fs.FS) {
	t.Helper()
	files := copyProject(t)
	for _, e := range edits {
		e.apply(t, files)
	}
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, files))
	for _, args := range [][]string{{"generate", "./..."}, {"build", "./wrapper"}} {
		command := exec.CommandContext(t.Context(), "go", args...) //nolint:gosec // the arguments above
		command.Dir = dir
		command.Env = append(os.Environ(), "GOWORK=off")
		out, err := command.CombinedOutput()
		require.NoError(t, err, "go %v: %s", args, out)
	}
	return copyProject(t), os.DirFS(dir)
}

// insertions are the lines that after has and before does not. No line of before may be gone or changed.
func insertions(t *testing.T, before, after fs.FS, name string) int {
	t.Helper()
	read := func(dir fs.FS) [][]byte {
		data, err := fs.ReadFile(dir, name)
		require.NoError(t, err)
		return bytes.SplitAfter(data, []byte("\n"))
	}
	old, inserted := read(before), 0
	for _, line := range read(after) {
		if len(old) > 0 && bytes.Equal(line, old[0]) {
			old = old[1:]
		} else {
			inserted++
		}
	}
	require.Empty(t, old, "%s: lines were changed or removed", name)
	return inserted
}

func TestGeneratingTwiceChangesNothing(t *testing.T) {
	before, after := regenerate(t)
	assert.Zero(t, insertions(t, before, after, "gen/client.gen.go"))
	assert.Zero(t, insertions(t, before, after, modelsFile))
	assert.Empty(t, added(t, before, after))
}

func TestAnOptionalFieldAddsAFewLinesToTheModels(t *testing.T) {
	before, after := regenerate(t, tabletOnly)
	assert.Zero(t, insertions(t, before, after, "gen/client.gen.go"))
	lines := insertions(t, before, after, modelsFile)
	assert.Positive(t, lines)
	assert.LessOrEqual(t, lines, 6)
	assert.Equal(t, []string{
		"wrapper/body.go: no option sets tablet_only of admin.users.session.reset",
		"wrapper/slacktest/arguments.go: the fake does not know tablet_only of admin.users.session.reset",
		"wrapper/internal/contract/traffic_test.go: no call shows tablet_only of admin.users.session.reset",
		"README.md: no row of a table has tablet_only of admin.users.session.reset",
	}, added(t, before, after))
}

func TestAThirdMethodChangesNoLineThatIsThere(t *testing.T) {
	before, after := regenerate(t, resetMany...)
	assert.Positive(t, insertions(t, before, after, "gen/client.gen.go"))
	assert.Positive(t, insertions(t, before, after, modelsFile))
	assert.Equal(t, []string{
		"wrapper/session.go: admin.users.session.resetMany has no method on Client, and no options",
		"wrapper/body.go: in a form, gen sends people of admin.users.session.resetMany as people[0]=, people[1]=; check that Slack takes it",
		"wrapper/slacktest/arguments.go: the fake does not know admin.users.session.resetMany",
		"wrapper/internal/contract/traffic_test.go: no call shows admin.users.session.resetMany",
		"README.md: no row of a table has people of admin.users.session.resetMany",
	}, added(t, before, after))
}

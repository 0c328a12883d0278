package main

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// projectFiles are what the program reads, and what go generate and go build need in a copy.
var projectFiles = []string{
	"go.mod", "go.sum", "tools.go", "generate.go", "README.md",
	"api/*", "gen/*", "wrapper/*.go", "wrapper/slacktest/*.go", contractFile,
}

// copyProject returns a copy of this project that a test may change.
func copyProject(t *testing.T) fstest.MapFS {
	t.Helper()
	root, files := os.DirFS("../../.."), fstest.MapFS{}
	for _, pattern := range projectFiles {
		names, err := fs.Glob(root, pattern)
		require.NoError(t, err)
		require.NotEmpty(t, names, pattern)
		for _, name := range names {
			data, err := fs.ReadFile(root, name)
			require.NoError(t, err)
			files[name] = &fstest.MapFile{Data: data, Mode: 0o644}
		}
	}
	return files
}

// edit replaces text that a file must have exactly once.
type edit struct{ file, before, after string }

func (e edit) apply(t *testing.T, files fstest.MapFS) {
	t.Helper()
	require.Contains(t, files, e.file)
	data := string(files[e.file].Data)
	require.Equal(t, 1, strings.Count(data, e.before), "%s: %q must be there once, to be edited", e.file, e.before)
	files[e.file].Data = []byte(strings.Replace(data, e.before, e.after, 1))
}

func choresOf(t *testing.T, dir fs.FS) []string {
	t.Helper()
	p, err := read(dir)
	require.NoError(t, err)
	return p.chores()
}

// added are the chores of a changed project that it did not have before.
func added(t *testing.T, before, after fs.FS) []string {
	t.Helper()
	var lines []string
	had := choresOf(t, before)
	for _, line := range choresOf(t, after) {
		if !slices.Contains(had, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestEachChoreIsPrintedOnceWithItsFile(t *testing.T) {
	for _, row := range []struct {
		name  string
		edits []edit
		want  []string
	}{
		{"error code without anything", []edit{
			{specFile, "        - user_not_found\n", "        - user_not_found\n        - user_on_leave\n"},
		}, []string{
			"api/openapi.yaml: user_on_leave has no meaning under x-enumDescriptions",
			"wrapper/code.go: user_on_leave has no constant",
			"wrapper/code.go: decide in concerns what user_on_leave says about calls to come, and in retry.go whether it leaves the outcome unknown",
		}},
		{"error code that only the description of a method has", []edit{
			{specFile, "Errors of the method's own: `cannot_reset_bot`", "Errors of the method's own: `user_on_leave`, `cannot_reset_bot`"},
		}, []string{
			"api/openapi.yaml: user_on_leave of admin.users.session.reset is not in ErrorCode",
		}},
		{"error code taken away", []edit{
			{specFile, "        - session_expired\n", ""},
			{specFile, "        session_expired: The session had expired already.\n", ""},
			{specFile, "`session_expired`,", ""},
		}, []string{
			"wrapper/code.go: ErrSessionExpired is not in the spec; to remove it breaks callers",
		}},
		{"request field before go generate", []edit{tabletOnly}, []string{
			"gen/models.gen.go: ResetRequest has no tablet_only; run go generate ./...",
			"wrapper/slacktest/arguments.go: the fake does not know tablet_only of admin.users.session.reset",
			"wrapper/internal/contract/traffic_test.go: no call shows tablet_only of admin.users.session.reset",
			"README.md: no row of a table has tablet_only of admin.users.session.reset",
		}},
		{"request field that is set no longer", []edit{
			{bodiesFile, ", WebOnly: optional(o.WebOnly)", ""},
		}, []string{
			"wrapper/body.go: no option sets web_only of admin.users.session.reset",
		}},
		{"request field set by an assignment instead", []edit{
			{bodiesFile, "return gen.ResetRequest{UserID: o.UserID, MobileOnly: optional(o.MobileOnly), WebOnly: optional(o.WebOnly)}", "body := gen.ResetRequest{UserID: o.UserID, MobileOnly: optional(o.MobileOnly)}\n\tbody.WebOnly = optional(o.WebOnly)\n\treturn body"},
		}, nil},
		{"request field set through an alias of its struct", []edit{
			{bodiesFile, "return gen.ResetRequest{", "return gen.AdminUsersSessionResetJSONRequestBody{"},
		}, nil},
		{"request field set on something else", []edit{
			{bodiesFile, ", WebOnly: optional(o.WebOnly)}\n", "}\n\to.WebOnly = false\n"},
		}, []string{
			"wrapper/body.go: no option sets web_only of admin.users.session.reset",
		}},
		{"answer field", []edit{
			{specFile, "        response_metadata:\n          $ref", "        retry_hint:\n          type: string\n        response_metadata:\n          $ref"},
		}, []string{
			"wrapper/response.go: nothing reads retry_hint of an answer; callers find it in Response.Fields alone",
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			before, after := copyProject(t), copyProject(t)
			for _, e := range row.edits {
				e.apply(t, after)
			}
			assert.Equal(t, row.want, added(t, before, after))
		})
	}
}

func TestRequestWrittenInPlaceIsAChoreOfTheSpec(t *testing.T) {
	before, after := copyProject(t), copyProject(t)
	data := strings.ReplaceAll(string(after[specFile].Data),
		"$ref: '#/components/schemas/ResetRequest'", "{type: object, required: [user_id], properties: {user_id: {type: string}}}")
	data = strings.ReplaceAll(data, "              mobile_only: true\n", "")
	after[specFile].Data = []byte(data)
	assert.Contains(t, added(t, before, after),
		"api/openapi.yaml: the request of admin.users.session.reset has no schema under components; name one")
}

func TestChoresArePrintedALineEach(t *testing.T) {
	files := copyProject(t)
	tabletOnly.apply(t, files)
	todo := choresOf(t, files)
	require.NotEmpty(t, todo)
	var out strings.Builder
	require.NoError(t, run(&out, files))
	assert.Equal(t, strings.Join(todo, "\n")+"\n", out.String())
}

func TestNothingToDoIsSaid(t *testing.T) {
	assert.Equal(t, "nothing to do by hand\n", lines(nil))
}

func TestBrokenInputIsNamed(t *testing.T) {
	for name, change := range map[string]func(fstest.MapFS){
		specFile:              func(files fstest.MapFS) { delete(files, specFile) },
		"openapi.yaml: inval": func(files fstest.MapFS) { edit{specFile, "  version: 1.1.0\n", ""}.apply(t, files) },
		modelsFile:            func(files fstest.MapFS) { delete(files, modelsFile) },
		codesFile:             func(files fstest.MapFS) { files[codesFile].Data = []byte("package wrapper\nconst (") },
		contractFile:          func(files fstest.MapFS) { delete(files, contractFile) },
		readmeFile:            func(files fstest.MapFS) { delete(files, readmeFile) },
		"wrapper/slacktest: no Go files": func(files fstest.MapFS) {
			for name := range files {
				if strings.HasPrefix(name, "wrapper/slacktest/") {
					delete(files, name)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			files := copyProject(t)
			change(files)
			var out strings.Builder
			assert.ErrorContains(t, run(&out, files), name)
			assert.Empty(t, out.String())
		})
	}
}

func TestEveryFileThatIsNamedExists(t *testing.T) {
	for _, name := range []string{specFile, modelsFile, codesFile, methodsFile, bodiesFile, answersFile, fakeFile, contractFile, readmeFile} {
		assert.FileExists(t, "../../../"+name)
	}
}

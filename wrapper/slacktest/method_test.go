package slacktest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An argument that looks like a filter and filters nothing is the worst mistake here: reset with an unknown
// "only some sessions" would end all of them. An argument that is no filter returns no condition.
func TestEveryConditionDecidesWhichSessionsEnd(t *testing.T) {
	values := map[string]string{"user_id": `"W1"`, "team_id": `"T1"`, "session_id": "1", "mobile_only": "true", "web_only": "true"}
	users := []*User{{ID: "W1", TeamID: "T1"}, {ID: "W2", TeamID: "T2"}}
	sessions := []Session{{ID: 1, Device: Mobile}, {ID: 2, Device: Web}, {ID: 3}}
	for name, m := range methods {
		for a, read := range m.arguments {
			t.Run(name+" "+a, func(t *testing.T) {
				require.Contains(t, values, a, "give the argument a value in this test")
				condition, valid := read(&Arguments{}, argument{name: a, value: values[a], json: true})
				require.True(t, valid)
				if condition == nil {
					return
				}
				var ended []bool
				for _, u := range users {
					for _, n := range sessions {
						ended = append(ended, condition(u, n))
					}
				}
				assert.Contains(t, ended, true, "it ends no session")
				assert.Contains(t, ended, false, "it ends every session; if it is no filter, return no condition")
			})
		}
	}
}

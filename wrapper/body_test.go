package wrapper

import (
	"testing"
	"testing/quick"

	"github.com/oapi-codegen/runtime"
	"github.com/stretchr/testify/require"
)

func TestAFormSaysWhatGenWouldMakeOfTheBody(t *testing.T) {
	same := func(form string, body any) bool {
		values, err := runtime.MarshalForm(body, nil)
		require.NoError(t, err)
		return form == values.Encode()
	}
	require.NoError(t, quick.Check(func(o ResetOptions) bool { return same(o.form(), o.body()) }, nil))
	require.NoError(t, quick.Check(func(o InvalidateOptions) bool { return same(o.form(), o.body()) }, nil))
}

func TestAFormLeavesOutWhatIsNotSet(t *testing.T) {
	for want, form := range map[string]string{
		"user_id=W1":                ResetOptions{UserID: "W1"}.form(),
		"user_id=W1&web_only=true":  ResetOptions{UserID: "W1", WebOnly: true}.form(),
		"session_id=1&team_id=T1":   InvalidateOptions{SessionID: 1, TeamID: "T1"}.form(),
		"session_id=1&user_id=W%26": InvalidateOptions{SessionID: 1, UserID: "W&"}.form(),
	} {
		require.Equal(t, want, form)
	}
}

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

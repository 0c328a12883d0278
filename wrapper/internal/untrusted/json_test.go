package untrusted_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/untrusted"
)

func TestNamesAreTakenAsTheyAreSpeltAndAsOftenAsTheyStandThere(t *testing.T) {
	var got []string
	for name, value := range untrusted.Fields([]byte(`{ "ok" : 1 ,"OK":"2","\u006fk":[{"ok":"]}"}],"ok":"\"}","":null}`)) {
		got = append(got, name+"="+string(value))
	}
	assert.Equal(t, []string{"ok=1", `OK="2"`, `ok=[{"ok":"]}"}]`, `ok="\"}"`, "=null"}, got)
}

func TestWhatIsNoObjectHasNoFieldsAndWhatIsNoListNoElements(t *testing.T) {
	for _, value := range []string{`[]`, `{}`, `"{}"`, `"[]"`, `0`, `-1.5e3`, `true`, `null`} {
		for name := range untrusted.Fields([]byte(value)) {
			t.Errorf("%s has a field %q", value, name)
		}
		for element := range untrusted.List([]byte(value)) {
			t.Errorf("%s has an element %s", value, element)
		}
	}
}

func TestALoopOverFieldsOrElementsMayEndEarly(*testing.T) {
	for range untrusted.Fields([]byte(`{"a":1,"b":2}`)) {
		break
	}
	for range untrusted.List([]byte(`[1,2]`)) {
		break
	}
}

// FuzzJSON: whatever is valid, fields, elements and strings are those that encoding/json finds.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":1,"b":[2,{"c":"}"}],"d":"\\"}`, ` [ 1 , "a,b" ,[ ],null , -0.5e-7]`, `"\u00fc\ud83d\ude00\n"`, `"\ud800"`,
		"\"\xff\"", `{"a":{"b":{"c":[[[]]]}},"a":"last"}`, `"\\\""`, `true`, `{"\"":":","[":"]"}`, strings.Repeat("[", 99) + strings.Repeat("]", 99),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !json.Valid(body) {
			return
		}
		value := bytes.TrimSpace(body)

		var object map[string]json.RawMessage
		fields := map[string]json.RawMessage{}
		for name, value := range untrusted.Fields(value) {
			fields[name] = value // the last one counts, as with encoding/json
		}
		if json.Unmarshal(value, &object) != nil {
			object = nil
		}
		require.Len(t, fields, len(object))
		for name, want := range object {
			require.Equal(t, string(want), string(fields[name]))
		}

		var list, elements []json.RawMessage
		for element := range untrusted.List(value) {
			elements = append(elements, element)
		}
		if json.Unmarshal(value, &list) == nil {
			require.Len(t, elements, len(list))
		}
		for i, want := range list {
			require.Equal(t, string(want), string(elements[i]))
		}

		var text string
		if json.Unmarshal(value, &text) != nil {
			text = ""
		}
		require.Equal(t, text, untrusted.String(value))
	})
}

package recipes

import (
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestRequestsAreTracedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spans := tracetest.NewSpanRecorder()
		tracers := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
		reader := metric.NewManualReader()
		meters := metric.NewMeterProvider(metric.WithReader(reader))

		slack := slacktest.New()
		slack.Script(slacktest.RateLimited(7*time.Second), slacktest.Outage(http.StatusBadGateway))
		observe, err := Metered(meters)
		require.NoError(t, err)
		client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
			HTTPClient: Traced(slack, tracers, meters),
			Observe:    observe,
		})
		require.NoError(t, err)

		ctx, span := tracers.Tracer("playbook").Start(t.Context(), "offboard")
		_, err = client.ResetSessions(ctx, wrapper.ResetOptions{UserID: "W0123456789"})
		require.NoError(t, err)
		span.End()

		ended := spans.Ended()
		require.Len(t, ended, 4)
		for _, s := range ended[:3] {
			assert.Equal(t, "POST /api/admin.users.session.reset", s.Name())
			assert.Equal(t, span.SpanContext().SpanID(), s.Parent().SpanID())
		}
		assert.Equal(t, codes.Error, ended[0].Status().Code)
		assert.Equal(t, codes.Error, ended[1].Status().Code)
		assert.Equal(t, codes.Unset, ended[2].Status().Code)

		var measured metricdata.ResourceMetrics
		require.NoError(t, reader.Collect(t.Context(), &measured))
		requests := sums[int64](t, measured, "slack.requests")
		assert.Equal(t, map[string]int64{"ratelimited": 1, "http_502": 1, "ok": 1}, requests)
		delays := sums[float64](t, measured, "slack.request.delay")
		assert.GreaterOrEqual(t, delays["ratelimited"], 7.0)
		assert.Zero(t, delays["ok"])

		for _, recorded := range []any{tracetest.SpanStubsFromReadOnlySpans(ended), measured} {
			said, err := json.Marshal(recorded)
			require.NoError(t, err)
			assert.Contains(t, string(said), "admin.users.session.reset")
			assert.NotContains(t, string(said), "xoxp-test-token")
			assert.NotContains(t, string(said), "W0123456789")
		}
		for _, call := range slack.Calls() {
			assert.Empty(t, call.Header.Get("Traceparent"))
		}
	})
}

// sums are the values of a counter by outcome.
func sums[N int64 | float64](t *testing.T, measured metricdata.ResourceMetrics, name string) map[string]N {
	t.Helper()
	for _, scope := range measured.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name != name {
				continue
			}
			sum, ok := m.Data.(metricdata.Sum[N])
			require.True(t, ok)
			by := map[string]N{}
			for _, point := range sum.DataPoints {
				outcome, _ := point.Attributes.Value("slack.outcome")
				by[outcome.AsString()] += point.Value
			}
			return by
		}
	}
	t.Fatalf("no metric %s", name)
	return nil
}

#:sdk Microsoft.NET.Sdk.Web
#:property PublishAot=false
// Receives Epay's webhooks, believes only what Epay signed, and acts once on each.
//   EPAY_WEBHOOK_SECRET=whsec_… PORT=3000 dotnet run Receiver.cs        (.NET 10)
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

const int BodyBytesMax = 65_536;

var secret = Environment.GetEnvironmentVariable("EPAY_WEBHOOK_SECRET") ?? "";
var key = Convert.FromBase64String(secret.StartsWith("whsec_", StringComparison.Ordinal) ? secret["whsec_".Length..] : secret);
if (key.Length == 0) throw new InvalidOperationException("EPAY_WEBHOOK_SECRET is not set to a whsec_… secret");

// In your application: a unique key in the database, inserted in the transaction of the event's effect.
var seen = new ConcurrentDictionary<string, bool>();

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = BodyBytesMax);
var app = builder.Build();
app.MapPost("/webhooks", async (HttpRequest request) => // other methods get 405
{
    using var buffer = new MemoryStream();
    await request.Body.CopyToAsync(buffer);
    var body = buffer.ToArray();
    if (!Webhook.IsAuthentic(key, request.Headers, body, DateTimeOffset.UtcNow)) return Results.BadRequest();

    var id = request.Headers["webhook-id"].ToString();
    if (seen.TryAdd(id, true)) ActOn(id, body);
    return Results.NoContent();
});
app.Run($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT") ?? "3000"}");

static void ActOn(string id, byte[] body)
{
    using var json = JsonDocument.Parse(body);
    if (!json.RootElement.TryGetProperty("transaction", out var transaction))
        return; // not a payment: an event type that this receiver does not know
    Console.WriteLine($"ok {id} {transaction.GetProperty("reference")} {transaction.GetProperty("status")}");
}

static class Webhook
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Whether Epay signed this body with this key, no more than five minutes ago.</summary>
    public static bool IsAuthentic(byte[] key, IHeaderDictionary headers, byte[] body, DateTimeOffset now)
    {
        var id = headers["webhook-id"].ToString();
        var timestamp = headers["webhook-timestamp"].ToString();
        if (id.Length == 0 || !uint.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return false;
        if ((now - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > Tolerance) return false;

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var expected = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)));
        return headers["webhook-signature"].ToString().Split(' ').Any(signature =>
            CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature)));
    }
}

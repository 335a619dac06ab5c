#:sdk Microsoft.NET.Sdk.Web
#:property PublishAot=false
using System.Text.Json;

var app = WebApplication.Create(args);
app.MapPost("/webhooks", async (HttpRequest request) =>
{
    using var body = await JsonDocument.ParseAsync(request.Body);
    var transaction = body.RootElement.GetProperty("transaction");
    Console.WriteLine($"{transaction.GetProperty("reference")} {transaction.GetProperty("status")}");
    return Results.Ok();
});
app.Run($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT") ?? "3000"}");

<?php
// Receives Epay's webhooks, believes only what Epay signed, and acts once on each.
//   EPAY_WEBHOOK_SECRET=whsec_… php -S 127.0.0.1:3000 receiver.php
declare(strict_types=1);

const TOLERANCE_SECONDS = 300;

/** Whether Epay signed this body with this key, no more than five minutes ago. */
function is_authentic(string $key, string $id, string $timestamp, string $signatures, string $body, int $now): bool
{
    if ($id === '' || !ctype_digit($timestamp) || abs($now - (int) $timestamp) > TOLERANCE_SECONDS) {
        return false;
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $signatures) as $signature) {
        if (hash_equals($expected, $signature)) {
            return true;
        }
    }
    return false;
}

/** Whether this id is new. In your application: an INSERT under a unique key, in the transaction of its effect. */
function first_time(string $id): bool
{
    return @fopen(sys_get_temp_dir() . '/epay-' . hash('sha256', $id), 'x') !== false;
}

/** @param array<string, mixed> $event */
function act_on(string $id, array $event): void
{
    if (!isset($event['transaction'])) {
        return; // not a payment: an event type that this receiver does not know
    }
    error_log("ok $id {$event['transaction']['reference']} {$event['transaction']['status']}");
}

http_response_code(500); // unless the end is reached: where errors are displayed, PHP would answer 200 after an exception

if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    http_response_code(405);
    header('Allow: POST');
    exit;
}
$key = base64_decode(preg_replace('/^whsec_/', '', (string) getenv('EPAY_WEBHOOK_SECRET')), true);
if ($key === false || $key === '') {
    throw new RuntimeException('EPAY_WEBHOOK_SECRET is not set to a whsec_… secret');
}
$id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
$timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
$signatures = $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '';
$body = file_get_contents('php://input');

if (!is_authentic($key, $id, $timestamp, $signatures, $body, time())) {
    http_response_code(400);
    exit;
}
if (first_time($id)) {
    act_on($id, json_decode($body, true, flags: JSON_THROW_ON_ERROR));
}
http_response_code(204);

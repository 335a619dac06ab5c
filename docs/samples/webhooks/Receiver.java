import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Receives Epay's webhooks, believes only what Epay signed, and acts once on each.
 *
 * <pre>EPAY_WEBHOOK_SECRET=whsec_… PORT=3000 java Receiver.java</pre>
 */
public final class Receiver {
    private static final Duration TOLERANCE = Duration.ofMinutes(5);
    private static final int BODY_BYTES_MAX = 65_536;
    private static final int THREADS = 8;

    // The JDK has no JSON parser: in your application, Jackson or Gson.
    private static final Pattern PAYMENT =
            Pattern.compile("\"transaction\":\\{\"reference\":\"([^\"]+)\".*?\"status\":\"([^\"]+)\"", Pattern.DOTALL);

    private final byte[] key;
    // In your application: a unique key in the database, inserted in the transaction of the event's effect.
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    Receiver(byte[] key) {
        this.key = key;
    }

    /** Whether Epay signed this body with this key, no more than five minutes ago. */
    static boolean isAuthentic(byte[] key, Headers headers, byte[] body, Instant now) {
        String id = headers.getFirst("webhook-id");
        String timestamp = headers.getFirst("webhook-timestamp");
        String signatures = headers.getFirst("webhook-signature");
        if (id == null || id.isEmpty() || signatures == null || timestamp == null || !timestamp.matches("\\d{1,11}")) {
            return false;
        }
        Instant sentAt = Instant.ofEpochSecond(Long.parseLong(timestamp));
        if (Duration.between(sentAt, now).abs().compareTo(TOLERANCE) > 0) {
            return false;
        }
        byte[] mac = hmac(key, id + "." + timestamp + ".", body);
        byte[] expected = ("v1," + Base64.getEncoder().encodeToString(mac)).getBytes(UTF_8);
        for (String signature : signatures.split(" ")) {
            if (MessageDigest.isEqual(expected, signature.getBytes(UTF_8))) {
                return true;
            }
        }
        return false;
    }

    private static byte[] hmac(byte[] key, String prefix, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update(prefix.getBytes(UTF_8));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(statusFor(exchange), -1);
        }
    }

    private int statusFor(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            exchange.getResponseHeaders().set("Allow", "POST");
            return 405;
        }
        // A longer body is cut here, and then its signature does not match.
        byte[] body = exchange.getRequestBody().readNBytes(BODY_BYTES_MAX);
        if (!isAuthentic(key, exchange.getRequestHeaders(), body, Instant.now())) {
            return 400;
        }
        String id = exchange.getRequestHeaders().getFirst("webhook-id");
        if (seen.add(id)) {
            actOn(id, new String(body, UTF_8));
        }
        return 204;
    }

    private static void actOn(String id, String event) {
        Matcher payment = PAYMENT.matcher(event);
        if (payment.find()) { // otherwise an event type that this receiver does not know
            System.out.printf("ok %s %s %s%n", id, payment.group(1), payment.group(2));
        }
    }

    public static void main(String[] args) throws IOException {
        String secret = System.getenv().getOrDefault("EPAY_WEBHOOK_SECRET", "");
        byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        if (key.length == 0) {
            throw new IllegalArgumentException("EPAY_WEBHOOK_SECRET is not set to a whsec_… secret");
        }
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "3000"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/webhooks", new Receiver(key)::receive);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.start();
    }
}

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Receiver {
    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "3000"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/webhooks", exchange -> {
            System.out.println(new String(exchange.getRequestBody().readAllBytes(), "UTF-8"));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }
}

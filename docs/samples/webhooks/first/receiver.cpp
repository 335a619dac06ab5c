#include <iostream>
#include <iterator>
#include <string>

int main() {
  const std::string body{std::istreambuf_iterator<char>(std::cin), {}};
  std::cerr << body << '\n';
  std::cout << "Status: 200 OK\r\n\r\n";
}

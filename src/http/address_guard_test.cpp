#include <gtest/gtest.h>

#include "http/client.h"

namespace epay::http {
namespace {

struct Row {
  std::string address;
  bool is_global;
};

void check(const Row& row) {
  const auto address = IpAddress::parse(row.address);
  ASSERT_TRUE(address.has_value()) << row.address;
  EXPECT_EQ(is_global_unicast(*address), row.is_global) << row.address;
}

TEST(AddressGuard, KnowsThePublicInternet) {
  const Row rows[] = {
      {"0.0.0.0", false},
      {"0.255.255.255", false},
      {"1.0.0.0", true},
      {"8.8.8.8", true},
      {"9.255.255.255", true},
      {"10.0.0.0", false},
      {"10.255.255.255", false},
      {"11.0.0.0", true},
      {"100.63.255.255", true},
      {"100.64.0.0", false},
      {"100.127.255.255", false},
      {"100.128.0.0", true},
      {"126.255.255.255", true},
      {"127.0.0.1", false},
      {"127.255.255.255", false},
      {"128.0.0.0", true},
      {"169.253.255.255", true},
      {"169.254.169.254", false},
      {"169.255.0.0", true},
      {"172.15.255.255", true},
      {"172.16.0.0", false},
      {"172.31.255.255", false},
      {"172.32.0.0", true},
      {"192.0.0.8", false},
      {"192.0.1.0", true},
      {"192.0.2.1", false},
      {"192.88.99.1", false},
      {"192.167.255.255", true},
      {"192.168.1.1", false},
      {"192.169.0.0", true},
      {"198.17.255.255", true},
      {"198.18.0.0", false},
      {"198.19.255.255", false},
      {"198.20.0.0", true},
      {"198.51.100.7", false},
      {"203.0.113.7", false},
      {"223.255.255.255", true},
      {"224.0.0.1", false},
      {"240.0.0.1", false},
      {"255.255.255.255", false},
      {"::", false},
      {"::1", false},
      {"::8.8.8.8", false},
      {"::ffff:8.8.8.8", true},
      {"::ffff:127.0.0.1", false},
      {"64:ff9b::8.8.8.8", true},
      {"64:ff9b::10.0.0.1", false},
      {"64:ff9b:1::1", false},
      {"100::1", false},
      {"2001::1", false},
      {"2001:0:4136:e378::1", false},
      {"2001:1ff::1", false},
      {"2001:200::1", true},
      {"2001:db8::1", false},
      {"2002:808:808::1", true},
      {"2002:7f00:1::1", false},
      {"2002:a00:1::", false},
      {"2606:4700:4700::1111", true},
      {"2a00:1450::1", true},
      {"3fff::1", false},
      {"4000::1", false},
      {"fc00::1", false},
      {"fd12::1", false},
      {"fe80::1", false},
      {"fec0::1", false},
      {"ff02::1", false},
  };
  for (const Row& row : rows) check(row);
}

TEST(AddressGuard, PermitsWhatTheOperatorAllows) {
  const AddressGuard guard({*Cidr::parse("127.0.0.0/8"), *Cidr::parse("fd00::/8"), *Cidr::parse("10.0.0.5")});
  for (const auto& [address, permitted] :
       std::initializer_list<std::pair<const char*, bool>>{{"127.0.0.1", true},
                                                           {"::ffff:127.0.0.1", true},
                                                           {"fd01::1", true},
                                                           {"10.0.0.5", true},
                                                           {"10.0.0.6", false},
                                                           {"fe80::1", false},
                                                           {"8.8.8.8", true}}) {
    EXPECT_EQ(guard.permits(*IpAddress::parse(address)), permitted) << address;
  }
}

TEST(Cidr, ParsesStrictly) {
  for (const char* text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8", "::/129",
                           "a/8", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
  EXPECT_TRUE(Cidr::parse("0.0.0.0/0")->contains(IpAddress::v4(1, 2, 3, 4)));
  EXPECT_FALSE(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("2001:db8::1")));
  EXPECT_TRUE(Cidr::parse("10.1.2.0/23")->contains(IpAddress::v4(10, 1, 3, 255)));
  EXPECT_FALSE(Cidr::parse("10.1.2.0/23")->contains(IpAddress::v4(10, 1, 4, 0)));
}

TEST(IpAddress, ParsesStrictly) {
  for (const char* text : {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4",
                           "1..2.3", "0x1.2.3.4", ":::", "1::2::3", "fe80::1%eth0", "[::1]", "12345::"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_EQ(IpAddress::parse("1.2.3.4")->to_string(), "1.2.3.4");
  EXPECT_EQ((SocketAddress{*IpAddress::parse("::1"), 80}.to_string()), "[::1]:80");
  EXPECT_EQ((SocketAddress{IpAddress::loopback(), 80}.to_string()), "127.0.0.1:80");
}

}  // namespace
}  // namespace epay::http

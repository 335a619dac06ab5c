# The Debian package (./dev package): the binary without what developers use, the service, its settings, examples.
include(GNUInstallDirs)

add_executable(epay_packaged EXCLUDE_FROM_ALL ${EPAY_FLAGS})
target_link_libraries(epay_packaged PRIVATE epay_core)
set_target_properties(epay_packaged PROPERTIES OUTPUT_NAME epay RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/packaged)

install(PROGRAMS ${CMAKE_BINARY_DIR}/packaged/epay DESTINATION bin)
install(PROGRAMS packaging/keep-backups DESTINATION lib/epay)
install(FILES packaging/systemd/epay.service packaging/systemd/epay-backup.service packaging/systemd/epay-backup.timer
  DESTINATION /usr/lib/systemd/system)
install(FILES packaging/epay.conf DESTINATION /etc/epay PERMISSIONS OWNER_READ OWNER_WRITE)
install(FILES docs/operations.md docs/rails.md docs/webhooks.md docs/checkout.md docs/embedding.md docs/openapi.yaml DESTINATION share/doc/epay)
install(FILES LICENSE DESTINATION share/doc/epay RENAME copyright)
install(FILES packaging/nginx/epay.conf DESTINATION share/doc/epay/examples/nginx)
install(FILES packaging/caddy/Caddyfile DESTINATION share/doc/epay/examples/caddy)
install(FILES packaging/prometheus/epay.rules.yml packaging/prometheus/prometheus.yml DESTINATION share/doc/epay/examples/prometheus)
install(FILES packaging/grafana/epay.json DESTINATION share/doc/epay/examples/grafana)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME epay)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Epay authors <epay@example.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Checkout as a service, driven by webhooks")
set(CPACK_PACKAGE_DESCRIPTION "Merchants make a payment page or call an API; customers pay by mobile money or card; and whenever
a payment succeeds or fails, Epay tells the merchant's URL, again and again until it answers.")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/package)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates, init-system-helpers")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "nginx | caddy, prometheus")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/packaging/debian/conffiles
  ${CMAKE_SOURCE_DIR}/packaging/debian/postinst ${CMAKE_SOURCE_DIR}/packaging/debian/prerm
  ${CMAKE_SOURCE_DIR}/packaging/debian/postrm)
include(CPack)

pkg_check_modules(NDCAST_TIFF REQUIRED IMPORTED_TARGET libtiff-4)
pkg_check_modules(NDCAST_ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(NDCAST_SPNG REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(NDCAST_JPEG REQUIRED IMPORTED_TARGET libjpeg)
find_package(BZip2 REQUIRED)
find_package(pugixml REQUIRED)
target_link_libraries(ndcast_convert PRIVATE PkgConfig::NDCAST_TIFF PkgConfig::NDCAST_ZLIB PkgConfig::NDCAST_SPNG
                                             PkgConfig::NDCAST_JPEG BZip2::BZip2 pugixml::pugixml)
set(NDCAST_convert_TEST_LIBRARIES PkgConfig::NDCAST_TIFF PkgConfig::NDCAST_ZLIB PkgConfig::NDCAST_SPNG PkgConfig::NDCAST_JPEG
                                  BZip2::BZip2)

if(NDCAST_X264)
  pkg_check_modules(X264 REQUIRED IMPORTED_TARGET x264)
  target_link_libraries(ndcast_stream PRIVATE PkgConfig::X264)
  target_compile_definitions(ndcast_stream PRIVATE NDCAST_HAVE_X264=1)
endif()
# The colour conversion's loops are written for the vectoriser, which GCC 12 runs at -O3 only.
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/stream/colour_convert.cc PROPERTIES COMPILE_OPTIONS "-O3")
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
target_link_libraries(ndcast_stream PRIVATE PkgConfig::HWY)

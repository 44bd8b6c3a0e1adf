module example.com/operators

go 1.26

require example.com/sketch v1.0.0

replace example.com/sketch => ./thirdparty/sketch

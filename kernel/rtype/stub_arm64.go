package rtype

const stride = 8
